"""Which opinion each sentence of a summary is nearest to, for the input browser."""

from collections.abc import Sequence

from fairprune.fairness.quotes import cut
from fairprune.text.similar import nearest_opinions

Place = tuple[int, int, int]


def sentence_sources(
    summaries: Sequence[str], opinions: Sequence[str], language: str
) -> list[list[Place]]:
    """Where the sentences of summaries of one input stand, and which opinion each is nearest to.

    Sentences and nearness are those of the attribution `nearest` and of the place in the input.

    Returns:
        For every summary: (first letter, letter after the last, number of the opinion or −1) of
        its sentences, in order; letters −1, −1 where a sentence does not stand there word for word.
    """
    parts = [cut(summary, opinions, language) for summary in summaries]
    every = [part for found in parts for part in found]
    nearest = iter(nearest_opinions(every, opinions, language=language))
    placed = []
    for summary, found in zip(summaries, parts, strict=True):
        end, places = 0, []
        for part in found:
            opinion, start = next(nearest), summary.find(part, end)
            end = start + len(part) if start >= 0 else end
            letters = (start, end) if start >= 0 else (-1, -1)
            places.append((*letters, -1 if opinion is None else opinion))
        placed.append(places)
    return placed
