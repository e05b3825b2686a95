"""Whether a summary is one at all: broken output often looks fair."""

from collections import Counter
from dataclasses import dataclass

from fairprune.quality.text import ngrams, words

SHORTEST = 5
REPEATS = 5


@dataclass(frozen=True)
class Validity:
    """What is wrong with a summary; the parts may hold together.

    `empty`: no word at all. `short`: one to four words. `repeated`: one 4-gram of words occurs
    five times or more. `degenerate` is `short` or `repeated`.
    """

    empty: bool
    short: bool
    repeated: bool

    @property
    def degenerate(self) -> bool:
        """Too short, or going round in circles."""
        return self.short or self.repeated

    @property
    def valid(self) -> bool:
        """Neither empty nor degenerate (whether it can be attributed is another question)."""
        return not (self.empty or self.degenerate)


def validity(summary: str) -> Validity:
    """Judge one summary by its words (lower case, punctuation left out).

    Occurrences of a 4-gram may overlap: eight times the same word is five times the same 4-gram.
    """
    found = words(summary)
    most = max(Counter(ngrams(found, 4)).values(), default=0)
    return Validity(not found, 0 < len(found) < SHORTEST, most >= REPEATS)
