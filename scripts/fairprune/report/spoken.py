"""Shares and numbers as sentences say them."""

from fairprune.errors import shortened
from fairprune.report.rows import Row

NARROW = "\u202f"  # a space at which no line breaks
LETTERS = 40  # of a group's name in a sentence


def bounded(share: float) -> float:
    """A share: what is corrected for an instrument's weakness can lie a little outside of it."""
    return min(1.0, max(0.0, share))


def percent(share: float, space: str = " ") -> str:
    """`38 %`, with this space."""
    return f"{points(bounded(share))}{space}%"


def with_range(share: Row, space: str = " ") -> str:
    """What summaries give a group, and its interval where there is one: `21 % [14, 29]`.

    Args:
        share: a row of the table of shares, whose `summary` is known.
        space: what stands between its parts.
    """
    text = percent(share["summary"], space)
    if share["low"] is None:
        return text
    low, high = points(bounded(share["low"])), points(bounded(share["high"]))
    return f"{text}{space}[{low},{space}{high}]"


def quoted(group: str) -> str:
    """A group's name, which may be anything, told apart from the sentence that it stands in."""
    return f"“{shortened(group, LETTERS)}”"


def counted(number: int, noun: str) -> str:
    """`1 variant`, `2 variants`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def points(share: float) -> int:
    """A share, or a change of one, in whole points of a hundred, as it is shown."""
    return round(100 * share)
