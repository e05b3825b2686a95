"""Where in the input a summary takes from: a broken model may merely copy the beginning."""

from collections.abc import Sequence

from fairprune.quality.similar import nearest_opinions
from fairprune.quality.text import sentences

UNIFORM = 0.5


def position(summary: str, opinions: Sequence[str]) -> float | None:
    """Mean relative position of the opinions that the summary's sentences are nearest to.

    0 is the first opinion, 1 the last; a summary that takes evenly from everywhere has 0.5
    (`UNIFORM`). Each sentence that is like some opinion (see `similar.nearest_opinions`) counts
    once. None where no sentence is, or the input has one opinion.
    """
    found = [n for n in nearest_opinions(sentences(summary), opinions) if n is not None]
    if not found or len(opinions) < 2:
        return None
    return sum(found) / len(found) / (len(opinions) - 1)
