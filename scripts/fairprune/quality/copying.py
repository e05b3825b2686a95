"""How much of a summary is copied word for word."""

from collections.abc import Sequence

from fairprune.quality.common import Runs
from fairprune.text.languages import ENGLISH
from fairprune.text.words import ngrams, words

SHORTEST_COPY = 4


def copying(
    summary: str, opinions: Sequence[str], language: str = ENGLISH
) -> tuple[float | None, int]:
    """The share of copied words, in [0, 1], and the longest copy, in words.

    A word is copied where it lies in a run of 4 words or more that stands so in one opinion
    (case and punctuation left out). The share of a summary without a word is None. The idea is
    that of extractive fragments (Grusky et al., NAACL 2018).
    """
    found = words(summary, language)
    if not found:
        return None, 0
    texts = [words(opinion, language) for opinion in opinions]
    known = {run for text in texts for run in ngrams(text, SHORTEST_COPY)}
    copied: set[int] = set()
    for start, run in enumerate(ngrams(found, SHORTEST_COPY)):
        if run in known:
            copied.update(range(start, start + SHORTEST_COPY))
    runs = Runs(found)
    longest = max(map(runs.longest_in, texts), default=0)
    return len(copied) / len(found), longest
