"""Words and content tokens of a text, in the one way that every measure counts them."""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator

from fairprune.text.languages import ENGLISH, stemmer, stop_words

# A letter or digit with the marks that stand on it: vowel signs are no letters to Python.
HOLDS_LETTER = re.compile(r"[^\W_]")
MARKS = ("Mn", "Mc", "Me")
LARGEST_OF_ONE_UNIT = "\uffff"


def words(text: str, language: str = ENGLISH) -> list[str]:
    """The words of a text, in order and case folded.

    Cut by Unicode's word boundaries (UAX #29), Chinese, Japanese, Thai and other scripts without
    spaces by ICU's dictionaries; what holds no letter or digit is no word.
    """
    from icu4py.breakers import WordBreaker

    folded = unicodedata.normalize("NFC", text.casefold())
    cuts = WordBreaker(folded, language).segments()
    found = (folded[start:end] for start, end in as_places(folded, cuts))
    return [word for word in found if HOLDS_LETTER.search(word)]


def as_places(text: str, cuts: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Starts and ends in ICU's units, of which an emoji takes two, as places in a text."""
    if max(text, default="") <= LARGEST_OF_ONE_UNIT:
        yield from cuts
        return
    places = [
        place for place, sign in enumerate(text) for _ in range(1 + (sign > LARGEST_OF_ONE_UNIT))
    ]
    places.append(len(text))
    for start, end in cuts:
        yield places[start], places[end]


def ngrams(sequence: list[str], n: int) -> list[tuple[str, ...]]:
    """Every run of `n` neighbours, in order; none where the sequence is shorter."""
    return [tuple(sequence[i : i + n]) for i in range(len(sequence) - n + 1)]


@functools.lru_cache(maxsize=1 << 14)  # an opinion is counted again for every variant and measure
def content_tokens(text: str, language: str = ENGLISH) -> tuple[str, ...]:
    """The content tokens of a text, in order, each as often as it occurs.

    A word's runs of letters, marks and digits, without the language's stop words, reduced to
    their stem where it has stems. (A stop word is recognised before stemming.)
    """
    stop, stem = stop_words(language), stemmer(language)
    runs = (run for word in words(text, language) for run in _runs(word))
    return tuple(stem(run) for run in runs if run not in stop)


def _runs(word: str) -> list[str]:
    """The parts between apostrophes, full stops and underscores inside a word."""
    if word.isalnum():
        return [word]
    kept = (c if c.isalnum() or unicodedata.category(c) in MARKS else " " for c in word)
    return [run for run in "".join(kept).split() if HOLDS_LETTER.search(run)]
