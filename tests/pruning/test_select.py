"""The selector against stable sorts, ties and strange numbers included."""

from decimal import Decimal

import plain
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fairprune.errors import FairpruneError
from fairprune.pruning.select import count, select

WIDTHS = st.integers(1, 24)
SHARES = st.integers(1, 99).map(lambda n: f"0.{n:02d}")


@st.composite
def scores(draw, columns=WIDTHS):
    """Small matrices of few distinct values, so that ties are everywhere."""
    shape = draw(st.integers(1, 6)), draw(columns)
    values = st.sampled_from([0.0, -0.0, 0.25, 0.5, 1.0, 1e-30, 7.0])
    rows = st.lists(values, min_size=shape[1], max_size=shape[1])
    return torch.tensor(draw(st.lists(rows, min_size=shape[0], max_size=shape[0])))


@pytest.mark.parametrize(
    ("share", "total", "expected"),
    [("0.29", 100, 29), ("0.58", 100, 58), ("0.7", 10, 7), ("0.1", 9, 0), (0.29, 100, 29)],
)
def test_count_is_exact_in_decimals(share, total, expected):
    assert count(Decimal(share) if isinstance(share, str) else share, total) == expected


@given(scores(), SHARES)
def test_row(values, share):
    assert torch.equal(_mask(values, share, "row"), plain.row_mask(values, share))


@given(scores(), SHARES)
def test_layer(values, share):
    assert torch.equal(_mask(values, share, "layer"), plain.layer_mask(values, share))


@given(scores(), st.data())
def test_per_row(values, data):
    shares = data.draw(st.lists(SHARES, min_size=len(values), max_size=len(values)))
    vector = torch.tensor([float(s) for s in shares], dtype=torch.float64)
    found = select(values, vector, "row", "layer").mask
    assert torch.equal(found, plain.per_row_mask(values, shares))


@pytest.mark.parametrize(("kept", "run"), [(2, 4), (4, 8), (1, 3), (5, 6), (3, 20)])
@given(data=st.data())
def test_pattern(kept, run, data):
    values = data.draw(scores(columns=st.integers(1, 3).map(lambda n: n * run)))
    found = select(values, 0.5, "N:M", "layer", pattern=f"{kept}:{run}").mask
    assert torch.equal(found, plain.pattern_mask(values, kept, run))


@given(scores(), SHARES)
def test_adaptive_prunes_what_alpha_says(values, share):
    found = select(values, Decimal(share), "adaptive", "layer")
    assert torch.equal(found.mask, plain.adaptive_mask(values, found.alpha))


@pytest.mark.parametrize("share", ["0.05", "0.3", "0.5", "0.7", "0.9", "0.95", "0.99"])
def test_adaptive_reaches_the_target(share):
    values = torch.rand(64, 256, generator=torch.Generator().manual_seed(0))
    mask = select(values, Decimal(share), "adaptive", "layer").mask
    assert abs(float(mask.float().mean()) - float(share)) <= 0.001


def test_adaptive_by_hand():
    values = torch.tensor([[1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 97.0]])
    # α = 0.4: of 10 the running sums 1, 3 stay within 4; of 100 the sums 1, 2, 3 within 40.
    found = select(values, Decimal("0.625"), "adaptive", "layer")
    assert found.alpha == 0.4
    assert found.mask.tolist() == [[True, True, False, False], [True, True, True, False]]


def test_large_real_ties_agree_with_a_stable_sort():
    values = torch.randn(64, 512, generator=torch.Generator().manual_seed(1)).half().abs().float()
    expected = torch.zeros_like(values, dtype=torch.bool)
    order = values.sort(dim=1, stable=True).indices[:, :256]
    assert torch.equal(_mask(values, "0.5", "row"), expected.scatter(1, order, True))
    flat = values.flatten().sort(stable=True).indices[: 64 * 256]
    expected = torch.zeros(values.numel(), dtype=torch.bool).scatter(0, flat, True)
    assert torch.equal(_mask(values, "0.5", "layer").flatten(), expected)


@pytest.mark.parametrize("group", ["row", "layer", "adaptive", "N:M"])
@pytest.mark.parametrize("strange", [float("nan"), float("inf"), float("-inf")])
def test_scores_that_are_not_finite_are_kept_and_counted(group, strange):
    values = torch.rand(16, 32, generator=torch.Generator().manual_seed(2))
    values[3, 5] = values[9, 0] = strange
    found = select(values, Decimal("0.5"), group, "layer", pattern="2:4")
    assert found.kept_nonfinite == 2
    assert not found.mask[3, 5]
    assert not found.mask[9, 0]
    assert not found.mask.all(dim=1).any()
    zeroed = values.masked_fill(~values.isfinite(), 1e30)
    if group != "adaptive":
        again = select(zeroed, Decimal("0.5"), group, "layer", pattern="2:4").mask
        assert torch.equal(found.mask, again)


def test_too_many_strange_scores_are_an_error():
    values = torch.rand(10, 20)
    values[:, 0] = float("nan")
    with pytest.raises(FairpruneError, match=r"blocks\.3\.q: 10 of 200 scores"):
        select(values, Decimal("0.5"), "row", "blocks.3.q")


def test_pattern_must_divide_the_columns():
    with pytest.raises(FairpruneError, match=r"blocks\.3\.q has 10 columns, no multiple of 4"):
        select(torch.rand(2, 10), Decimal("0.5"), "N:M", "blocks.3.q", pattern="2:4")


def _mask(values, share, group):
    return select(values, Decimal(share), group, "layer").mask
