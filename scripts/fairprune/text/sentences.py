"""Sentences of a text in any script."""

import functools
import re
from itertools import pairwise

from fairprune.text.languages import ENGLISH
from fairprune.text.words import HOLDS_LETTER, as_places

# People who write reviews and tweets begin sentences with small letters, which Unicode's rule takes
# for a sign that the sentence goes on.
SMALL_BEGINNING = re.compile(r"(?<=[.!?])[\"'”’)\]]?\s+[\"'“‘(\[]?([a-zà-öø-ÿ])")
ABBREVIATED = re.compile(r"(?:^|\W)(?:[^\W\d_]\.)+$")  # "e.g.", "p.m.", an initial
# Titles, which ICU's English list leaves out since they may end a sentence, and here never do.
TITLE = re.compile(r"\b(?:Dr|St|Sen|Gov|Gen|Lt|Sgt|Col|Rev|Capt|Mt)\.\s+$")
THAI_SPACE = re.compile(r"(?<=[\u0e00-\u0e7f])\s+(?=[\u0e00-\u0e7f])")  # Thai parts by spaces alone


@functools.lru_cache(maxsize=1 << 14)
def sentences(text: str, language: str = ENGLISH) -> tuple[str, ...]:
    """The sentences of a text, in order, without those that hold no word; see `ends`."""
    bounds = [0, *ends(text, language)]
    parts = (text[start:end].strip() for start, end in pairwise(bounds))
    return tuple(part for part in parts if HOLDS_LETTER.search(part))


def ends(text: str, language: str = ENGLISH) -> list[int]:
    """Where each sentence of a text ends: the number of the letter after it, white space included.

    By ICU's rules (UAX #29) with its lists of abbreviations: after the terminal punctuation of the
    script, and at line ends; after `.`, `!`, `?` also before a small letter; in Thai, which has no
    terminal punctuation, at spaces. Linear in the text's length.
    """
    from icu4py.breakers import SentenceBreaker

    raised = SMALL_BEGINNING.sub(_raise, text)
    cuts = SentenceBreaker(raised, f"{language}@ss=standard").segments()
    found = {end for _, end in as_places(text, cuts)}
    if language == ENGLISH:
        found -= {end for end in found if end < len(text) and TITLE.search(text, end - 8, end)}
    return sorted(found | {space.end() for space in THAI_SPACE.finditer(text)})


def _raise(match: re.Match[str]) -> str:
    """The same with a capital letter, which takes as much room; but not after an abbreviation."""
    before = match.string[max(0, match.start() - 8) : match.start()]
    capital = match[0][-1] if ABBREVIATED.search(before) else match[0][-1].upper()
    return match[0][:-1] + capital
