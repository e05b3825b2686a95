"""Drawn tokens: their frequencies, the sets that they are drawn from, and whose number decides."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from fairprune.errors import FairpruneError
from fairprune.models.sampling import Sampling, distribution, draw, random_numbers


def plainly(logits, temperature=1.0, top_p=1.0, top_k=None):
    """The probabilities by a loop over tokens, the likeliest first, token → probability."""
    weights = [np.exp(np.float64(x) / temperature) for x in logits]
    ranked = sorted(range(len(weights)), key=lambda token: (-weights[token], token))[:top_k]
    total, kept, share = sum(weights[token] for token in ranked), {}, 0.0
    for token in ranked:
        if share >= top_p:
            break
        kept[token] = weights[token]
        share += weights[token] / total
    return {token: weight / sum(kept.values()) for token, weight in kept.items()}


LOGITS = [0.3, -1.2, 2.0, 0.9, 0.9, -3.0, 1.4]
WAYS = [{}, {"temperature": 0.6, "top_p": 0.95}, {"top_p": 0.5}, {"top_k": 3}, {"temperature": 2.5},
        {"temperature": 1.7, "top_p": 0.7, "top_k": 5}]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_frequencies_are_the_probabilities(way):
    expected, count = plainly(LOGITS, **way), 20_000
    numbers = random_numbers([7], count)[0]
    drawn = draw(torch.tensor([LOGITS]).expand(count, -1), numbers, Sampling(**way))
    found = torch.bincount(drawn, minlength=len(LOGITS)).numpy()
    assert set(np.flatnonzero(found)) == set(expected)
    if len(expected) > 1:
        tokens = list(expected)
        assert chisquare(found[tokens], [expected[t] * count for t in tokens]).pvalue > 1e-3


@given(
    # Halves: many are equal, and none is nearly so.
    st.lists(st.integers(-20, 20).map(lambda n: n / 2), min_size=1, max_size=30),
    st.sampled_from([0.3, 0.6, 1.0, 4.0]),
    st.floats(0.03, 0.97),
    st.none() | st.integers(1, 40),
)
def test_the_set_is_the_sorted_cumulative_one(logits, temperature, top_p, top_k):
    expected = plainly(logits, temperature, top_p, top_k)
    tokens, found = distribution(torch.tensor([logits]), Sampling(temperature, top_p, top_k))
    kept = {int(t): float(p) for t, p in zip(tokens[0], found[0], strict=True) if p}
    assert kept == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_a_row_is_drawn_alike_in_any_company(seed, size):
    rows = torch.randn(9, 50, generator=torch.Generator().manual_seed(seed)) * 3
    seeds = [seed + row for row in range(9)]
    whole = draw(rows, random_numbers(seeds, 4)[:, 2], Sampling(0.8, 0.9))
    for start in range(0, 9, size):
        part = slice(start, start + size)
        numbers = random_numbers(seeds[part], 4)[:, 2]
        assert torch.equal(draw(rows[part], numbers, Sampling(0.8, 0.9)), whole[part])


def test_the_ends_of_the_numbers():
    logits, last = torch.tensor([[0.0, 1.0, 2.0]] * 2), 1 - 2**-53
    numbers = torch.tensor([0.0, last], dtype=torch.float64)
    assert draw(logits, numbers, Sampling()).tolist() == [2, 0]
    assert draw(logits, numbers, Sampling(top_p=0.8)).tolist() == [2, 1]
    assert draw(logits, numbers, Sampling(temperature=1e-6)).tolist() == [2, 2]
    assert draw(logits, numbers, Sampling(temperature=1e-320)).tolist() == [2, 2]


def test_broken_logits_give_a_token_all_the_same():
    broken = torch.tensor([[torch.nan] * 3, [-torch.inf, 1.0, torch.nan], [torch.inf, 0.0, 1.0]])
    numbers = torch.full((3,), 0.9, dtype=torch.float64)
    assert draw(broken, numbers, Sampling()).tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"temperature": 0}, "temperature 0: above 0"),
        ({"temperature": float("nan")}, "temperature nan"),
        ({"temperature": 101}, "at most 100"),
        ({"top_p": 0}, "top-p 0: a share above 0"),
        ({"top_p": 1.5}, r"top-p 1\.5"),
        ({"top_k": 0}, "top-k 0: at least 1 token"),
    ],
)
def test_values_out_of_range(values, says):
    with pytest.raises(FairpruneError, match=says):
        Sampling(**values)
