"""Shares and numbers as sentences say them."""

from fairprune.report.rows import Row


def bounded(share: float) -> float:
    """A share: what is corrected for an instrument's weakness can lie a little outside of it."""
    return min(1.0, max(0.0, share))


def percent(share: float, space: str = " ") -> str:
    """`38 %`, with this space."""
    return f"{_whole(share)}{space}%"


def with_range(share: Row, space: str = " ") -> str:
    """What summaries give a group, and its interval where there is one: `21 % [14, 29]`.

    Args:
        share: a row of the table of shares, whose `summary` is known.
        space: what stands between its parts.
    """
    text = percent(share["summary"], space)
    if share["low"] is None:
        return text
    return f"{text}{space}[{_whole(share['low'])},{space}{_whole(share['high'])}]"


def counted(number: int, noun: str) -> str:
    """`1 variant`, `2 variants`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _whole(share: float) -> str:
    return f"{100 * bounded(share):.0f}"
