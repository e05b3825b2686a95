"""SparseSwaps against looking at every pair, and what must hold whatever the numbers."""

from types import SimpleNamespace

import plain
import pytest
import torch

from fairprune.pruning.refinements import sparseswaps as module
from fairprune.pruning.refinements.sparseswaps import sparseswaps
from fairprune.pruning.select import pattern_mask, row_mask


def layer(rows, columns, seed=0, kind="mixed"):
    """Weights and the Gram matrix of inputs: mixed ones, independent ones, or a few times one."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(4 * columns, columns, generator=generator)
    if kind == "mixed":
        inputs = inputs @ torch.randn(columns, columns, generator=generator) + 1
    if kind == "same":
        inputs = inputs[:, :3].repeat(1, columns)[:, :columns] + 0.01 * inputs
    return torch.randn(rows, columns, generator=generator), inputs.T @ inputs


def error(weight, mask, gram):
    lost = weight.double() * mask
    return ((lost @ gram.double()) * lost).sum(1)


def refine(weight, mask, gram, run=None, swaps=100):
    seen = SimpleNamespace(gram=gram)
    return sparseswaps(weight, mask, seen, run=run or weight.shape[1], max_swaps=swaps)


@pytest.mark.parametrize("kind", ["mixed", "independent", "same"])
@pytest.mark.parametrize("swaps", [1, 2, 100])
@pytest.mark.parametrize("pruned", [3, 10, 17])
def test_agrees_with_every_pair(kind, swaps, pruned):
    weight, gram = layer(12, 20, pruned, kind)
    mask = row_mask(weight.abs(), pruned)
    found = refine(weight, mask, gram, swaps=swaps)
    assert torch.equal(found, plain.sparseswaps(weight, mask, gram, 20, swaps))
    assert torch.equal(found.sum(1), mask.sum(1))


@pytest.mark.parametrize("pattern", ["2:4", "4:8", "1:4"])
@pytest.mark.parametrize("swaps", [1, 100])
def test_agrees_with_every_pair_inside_runs(pattern, swaps):
    kept, run = map(int, pattern.split(":"))
    weight, gram = layer(10, 24, kept)
    mask = pattern_mask(weight.abs(), pattern, "layer")
    found = refine(weight, mask, gram, run, swaps)
    assert torch.equal(found, plain.sparseswaps(weight, mask, gram, run, swaps))
    assert found.view(-1, run).sum(1).eq(run - kept).all()


def test_no_exchange_makes_a_row_worse():
    weight, gram = layer(300, 96)
    mask = row_mask(weight.abs() * gram.diagonal().sqrt(), 48)
    before = error(weight, mask, gram)
    for swaps in (1, 3, 10, 100):
        after = error(weight, refine(weight, mask, gram, swaps=swaps), gram)
        assert (after <= before * (1 + 1e-5)).all()
        before = after
    assert before.sum() < 0.7 * error(weight, mask, gram).sum()
    done = refine(weight, mask, gram, swaps=10_000)  # now no pair is left that helps
    assert torch.equal(refine(weight, done, gram), done)


def test_of_equal_pairs_the_one_in_the_lowest_columns():
    weight, gram = torch.ones(1, 6), torch.eye(6)
    weight[0, 2:4] = 3  # pruned, though either kept pair would be better
    mask = torch.tensor([[False, False, True, True, False, False]])
    found = refine(weight, mask, gram, swaps=1)
    assert found.tolist() == [[True, False, False, True, False, False]]


def test_what_changes_nothing_is_no_exchange():
    weight, gram = torch.ones(4, 8), torch.ones(8, 8)
    mask = torch.zeros(4, 8, dtype=torch.bool)
    mask[:, ::2] = True
    assert torch.equal(refine(weight, mask, gram), mask)


@pytest.mark.parametrize("pruned", [0, 20])
def test_rows_that_leave_no_choice(pruned):
    weight, gram = layer(5, 20)
    mask = row_mask(weight, pruned)
    assert torch.equal(refine(weight, mask, gram), mask)


def test_rows_with_counts_of_their_own():
    weight, gram = layer(20, 20)
    mask = weight < weight.median()
    found = refine(weight, mask, gram)
    assert torch.equal(found, plain.sparseswaps(weight, mask, gram, 20))


def test_inputs_that_are_always_zero():
    weight, gram = layer(20, 20)
    gram[3], gram[:, 3] = 0, 0
    mask = row_mask(weight.abs(), 10)
    assert torch.equal(refine(weight, mask, gram), plain.sparseswaps(weight, mask, gram, 20))


def test_rows_in_parts(monkeypatch):
    weight, gram = layer(40, 24)
    mask = row_mask(weight.abs(), 12)
    whole = refine(weight, mask, gram)
    monkeypatch.setattr(module, "ROWS", {"cpu": 7})
    monkeypatch.setattr(module, "BATCH", {"cpu": 100})
    monkeypatch.setattr(module, "FEW", 1)
    assert torch.equal(refine(weight, mask, gram), whole)
