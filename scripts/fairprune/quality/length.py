"""How long a summary is, by itself and beside its input."""

from collections.abc import Sequence

from fairprune.text.languages import ENGLISH
from fairprune.text.words import words


def length(summary: str, language: str = ENGLISH) -> int:
    """Words of a summary."""
    return len(words(summary, language))


def compression(summary: str, opinions: Sequence[str], language: str = ENGLISH) -> float | None:
    """Words of the summary over words of the input, ≥ 0; None where the input has no word."""
    whole = sum(len(words(opinion, language)) for opinion in opinions)
    return length(summary, language) / whole if whole else None
