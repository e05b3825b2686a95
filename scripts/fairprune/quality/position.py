"""Where in the input a summary takes from: a broken model may merely copy the beginning."""

from collections.abc import Sequence

from fairprune.text.languages import ENGLISH
from fairprune.text.sentences import sentences
from fairprune.text.similar import nearest_opinions

UNIFORM = 0.5


def position(summary: str, opinions: Sequence[str], language: str = ENGLISH) -> float | None:
    """Mean relative position of the opinions that the summary's sentences are nearest to.

    0 is the first opinion, 1 the last; a summary that takes evenly from everywhere has 0.5
    (`UNIFORM`). Each sentence that is like some opinion (see `similar.nearest_opinions`) counts
    once. None where no sentence is, or the input has one opinion.
    """
    near = nearest_opinions(sentences(summary, language), opinions, language=language)
    found = [number for number in near if number is not None]
    if not found or len(opinions) < 2:
        return None
    return sum(found) / len(found) / (len(opinions) - 1)
