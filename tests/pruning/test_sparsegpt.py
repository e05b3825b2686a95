"""SparseGPT against the plain column by column formulation in float64."""

import sys
from types import SimpleNamespace

import plain
import pytest
import torch
from on_card import OnCard

from fairprune.errors import FairpruneError
from fairprune.pruning import sparsegpt
from fairprune.pruning.factor import inverse_factor
from fairprune.pruning.sparsegpt import solve


def layer(rows=24, columns=200, dead=()):
    generator = torch.Generator().manual_seed(rows + columns)
    inputs = torch.randn(400, columns, generator=generator)
    inputs = inputs @ torch.randn(columns, columns, generator=generator) / columns**0.5
    inputs[:, list(dead)] = 0
    return torch.randn(rows, columns, generator=generator), 2 * inputs.T @ inputs / 8


@pytest.mark.parametrize("share", ["0.5", "0.37", "0.9"])
@pytest.mark.parametrize("dead", [(), (3, 150)])
def test_unstructured(share, dead):
    weight, hessian = layer(dead=dead)
    expected, mask = plain.sparsegpt(weight, hessian, share)
    factor = inverse_factor(hessian.clone(), "layer")
    found, found_mask, strange = solve([weight], factor, [float(share)], ["layer"])[0]
    assert (found_mask == mask).float().mean() > 0.999
    both = ~mask & ~found_mask
    torch.testing.assert_close(found[both], expected[both].float(), rtol=1e-2, atol=1e-3)
    assert found[found_mask].eq(0).all()
    assert strange == 0
    assert factor.dead.nonzero().flatten().tolist() == list(dead)
    assert found_mask[:, list(dead)].all()


@pytest.mark.parametrize("pattern", [(2, 4), (4, 8), (1, 5)])
def test_pattern(pattern):
    weight, hessian = layer()
    expected, mask = plain.sparsegpt(weight, hessian, pattern=pattern)
    factor = inverse_factor(hessian.clone(), "layer")
    kept, run = pattern
    found, found_mask, _ = solve([weight], factor, [0.5], ["layer"], f"{kept}:{run}")[0]
    assert found_mask.view(-1, run).sum(1).eq(run - kept).all()
    assert (found_mask == mask).float().mean() > 0.999
    both = ~mask & ~found_mask
    torch.testing.assert_close(found[both], expected[both].float(), rtol=1e-2, atol=1e-3)


def test_factor_of_the_damped_inverse():
    _, hessian = layer(columns=50)
    found = inverse_factor(hessian.clone(), "layer")
    damped = hessian.double()
    damped.diagonal().add_(0.01 * damped.diagonal().mean())
    expected = torch.linalg.cholesky(torch.linalg.inv(damped), upper=True)
    torch.testing.assert_close(found.upper.double(), expected, rtol=1e-3, atol=1e-5)
    assert found.damping == 0.01


def test_damping_is_raised_where_it_must_be():
    hessian = torch.eye(4)
    hessian[0, 1] = hessian[1, 0] = 1.05  # needs more than 0.05 on the diagonal
    assert inverse_factor(hessian, "layer").damping == 0.1


def test_a_hessian_that_cannot_be_factored_is_an_error():
    hessian = torch.eye(4)
    hessian[0, 1] = hessian[1, 0] = float("nan")
    with pytest.raises(FairpruneError, match=r"blocks\.0\.q: its Hessian cannot be factored"):
        inverse_factor(hessian, "blocks.0.q")


def test_the_others_make_up_for_the_error():
    weight, hessian = layer()
    mask, factor = None, inverse_factor(hessian.clone(), "layer")
    solved, mask, _ = solve([weight], factor, [0.5], ["layer"])[0]
    naive = weight.masked_fill(mask, 0)

    def loss(pruned):
        difference = (pruned - weight).double()
        return float(((difference @ hessian.double()) * difference).sum())

    assert loss(solved) < 0.6 * loss(naive)


@pytest.mark.parametrize(
    ("run", "pruned", "asked"), [(0, 0, True), (4, 2, True), (16, 8, True), (32, 16, False)]
)
def test_a_block_on_a_card_is_the_kernel_s(run, pruned, asked, monkeypatch):
    """But for runs that it does not rank."""
    given = []
    kernel = lambda *args: given.append(args) or "errors"  # noqa: E731
    monkeypatch.setattr(sparsegpt, "kernel_on", lambda *_: kernel)
    columns = torch.rand(64, 5).as_subclass(OnCard)
    masks = torch.rand(64, 5) < 0.5
    found = sparsegpt._solve_block(columns, torch.eye(64), masks, run, pruned)
    if not asked:
        assert not given and found.shape == (64, 5)
    else:
        assert found == "errors" and given[0][3:] == (run, pruned)
        assert given[0][0] is columns and given[0][2] is masks


def test_runs_that_do_not_fit_are_refused():
    weight, hessian = layer(columns=130)
    with pytest.raises(FairpruneError, match=r"a, b has 130 columns, no multiple of 4"):
        solve([weight, weight], inverse_factor(hessian, "a"), [0.5, 0.5], ["a", "b"], "2:4")


def one_off(columns, *rest):
    errors = sparsegpt._column_by_column(columns, *rest)
    columns[-1, -1] += 1
    return errors


@pytest.mark.parametrize(
    ("kernel", "wrong"),
    [
        (sparsegpt._column_by_column, None),
        (one_off, "a block of 128 columns, "),
        (lambda *_: None, ""),
    ],
)
@pytest.mark.parametrize(("run", "pruned"), [(0, 0), (4, 2), (8, 4)])
def test_each_kind_of_kernel_is_tried_on_a_block(kernel, wrong, run, pruned, monkeypatch, capfd):
    module = SimpleNamespace(solve_block=kernel)
    monkeypatch.setitem(sys.modules, "fairprune.pruning.sparsegpt_kernel", module)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (9, 0))
    found = sparsegpt.kernel_on.__wrapped__(torch.device("cpu"), run, pruned)
    said = capfd.readouterr().err
    if wrong is None:
        assert found is kernel and not said
    else:
        assert found is None
        assert said.startswith(f"note: SparseGPT takes longer, for Triton fails: {wrong}")
