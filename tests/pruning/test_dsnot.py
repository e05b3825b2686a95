"""DSnoT against the same exchanges written as loops over lists."""

from types import SimpleNamespace

import plain
import pytest
import torch

from fairprune.pruning.refinements.dsnot import dsnot
from fairprune.pruning.select import row_mask


def statistics(columns, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return SimpleNamespace(
        walked_norm=torch.rand(columns, generator=generator) + 0.1,
        mean=torch.randn(columns, generator=generator),
        variance=torch.rand(columns, generator=generator) + 0.1,
    )


@pytest.mark.parametrize("columns", [6, 16, 64])
@pytest.mark.parametrize("cycles", [0, 1, 2, 50])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_agrees_with_loops(columns, cycles, share):
    weight = torch.randn(40, columns, generator=torch.Generator().manual_seed(columns))
    seen = statistics(columns)
    mask = row_mask(weight.abs() * seen.walked_norm, int(share * columns))
    found = dsnot(weight, mask, seen, max_cycles=cycles, update_threshold=0.1)
    parts = seen.walked_norm, seen.mean, seen.variance
    assert torch.equal(found, plain.dsnot(weight, mask, *parts, cycles=cycles))
    assert torch.equal(found.sum(1), mask.sum(1))


def test_by_hand():
    weight = torch.tensor([[1.0, 2.0, -3.0, 4.0]])
    seen = SimpleNamespace(walked_norm=torch.ones(4), mean=torch.ones(4), variance=torch.ones(4))
    mask = torch.tensor([[True, True, False, False]])
    # e = 1 + 2 = 3: 2 comes back (largest), -3 goes (negative): e = 3 - 3 - 2 = -2;
    # then the smallest, 1, would come back, 4 (positive) go: e = -2 + 4 - 1 = 1.
    one = dsnot(weight, mask, seen, max_cycles=1, update_threshold=0.1)
    assert one.tolist() == [[True, False, True, False]]
    two = dsnot(weight, mask, seen, max_cycles=2, update_threshold=0.1)
    assert two.tolist() == [[False, False, True, True]]
    done = dsnot(weight, mask, seen, max_cycles=50, update_threshold=3.0)
    assert torch.equal(done, mask)


def test_inputs_that_never_vary_do_no_harm():
    weight = torch.randn(8, 16, generator=torch.Generator().manual_seed(0))
    seen = statistics(16)
    seen.variance[::2] = 0
    seen.mean[::4] = 0
    mask = row_mask(weight.abs(), 8)
    found = dsnot(weight, mask, seen, max_cycles=50, update_threshold=0.1)
    assert torch.equal(found.sum(1), mask.sum(1))
