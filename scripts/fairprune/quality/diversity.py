"""How varied a summary's words are."""

from fairprune.text.languages import ENGLISH
from fairprune.text.words import ngrams, words


def distinct(summary: str, n: int = 2, language: str = ENGLISH) -> float | None:
    """distinct-n: different n-grams of words over all of them, in (0, 1]; None without one.

    Source: Li et al., NAACL 2016.
    """
    runs = ngrams(words(summary, language), n)
    return len(set(runs)) / len(runs) if runs else None
