"""The time that the rest of a run will take, on runs whose end is known."""

from collections import Counter

import pytest

from fairprune.workflow.remaining import Remaining, spoken


def test_equal_jobs_side_by_side():
    """Six jobs of 10 s, two at a time: after four of them (20 s) 10 s are left."""
    remaining = Remaining(Counter(prune=6))
    for _ in range(4):
        remaining.end("prune", 10)
    assert remaining.seconds(20, []) == pytest.approx(10)


def test_what_is_under_way_counts():
    """Of two running jobs of 10 s, side by side, 4 s are done: 6 s are left."""
    remaining = Remaining(Counter(prune=4))
    for _ in range(2):
        remaining.end("prune", 10)
    assert remaining.seconds(14, [("prune", 4), ("prune", 4)]) == pytest.approx(6)


def test_rules_differ_and_one_is_new():
    """One by one: a 2 s, b 30 s; two of a, one of b and one of an unknown rule (mean) are left."""
    remaining = Remaining(Counter(a=4, b=2, c=1))
    for rule, seconds in (("a", 2), ("a", 2), ("b", 30)):
        remaining.end(rule, seconds)
    assert remaining.seconds(34, []) == pytest.approx(2 + 2 + 30 + 34 / 3)


def test_no_guess_from_nothing():
    assert Remaining(Counter(a=2)).seconds(5, [("a", 5)]) is None
    remaining = Remaining(Counter(a=2, b=3))
    remaining.end("a", 1)
    assert remaining.seconds(1, []) is None  # three of the four that are left are unknown


@pytest.mark.parametrize(
    ("seconds", "words"), [(7.6, "8 s"), (89, "89 s"), (150, "2 min"), (9000, "2.5 h")]
)
def test_in_words(seconds, words):
    assert spoken(seconds) == words
