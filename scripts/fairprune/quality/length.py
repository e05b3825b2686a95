"""How long a summary is, by itself and beside its input."""

from collections.abc import Sequence

from fairprune.quality.text import words


def length(summary: str) -> int:
    """Words of a summary."""
    return len(words(summary))


def compression(summary: str, opinions: Sequence[str]) -> float | None:
    """Words of the summary over words of the input, ≥ 0; None where the input has no word."""
    whole = sum(len(words(opinion)) for opinion in opinions)
    return length(summary) / whole if whole else None
