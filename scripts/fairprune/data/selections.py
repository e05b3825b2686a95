"""Which opinions of a task a calibration set is made from: its mix.

| mix | texts |
|---|---|
| a group, or `GROUP-only` | of every input, only that group's opinions |
| `combined` | biased and unbiased together: the sets of every single group, and the balanced one |
| `proportional` | the inputs as they are |
| `balanced` | of every input that holds all groups, equally many opinions of each, at random |
| `random` | all opinions dealt out anew over inputs of the same sizes, labels disregarded |
| a value of the column `mix` | the inputs of that mix as they are |

Those made from the dense model's own summaries (`unbias_equal_representation`,
`bias_equal_representation`) are `balanced` sets of the inputs that `ranking.py` takes.
"""

import random
from collections.abc import Callable, Collection, Sequence

from fairprune.data.opinions import Opinions
from fairprune.data.ranking import RANKED_MIXES
from fairprune.errors import FairpruneError, unknown

NAMED_MIXES = ("proportional", "balanced", "random", "combined")

# Draws the texts of one pass: lists of opinions that stand in one text together.
Selection = Callable[[random.Random], list[list[str]]]


def select(
    inputs: Sequence[Opinions],
    mix: str,
    groups: Collection[str] = (),
    ignore: Collection[str] = (),
) -> Selection:
    """The way to draw the texts of a mix from a task's inputs.

    Args:
        inputs: the task, usually its calibration split.
        mix: see above.
        groups: the groups; empty: every label but the ignored ones.
        ignore: labels that are no group.

    Raises:
        FairpruneError: an unknown mix, or one for which no input holds anything.
    """
    present = {label for item in inputs for label in item.labels}
    known = sorted((set(groups) or present) - set(ignore))
    chosen = _selection(inputs, mix, known)
    if not chosen(random.Random(0)):
        raise FairpruneError(
            f"mix {mix!r}: no input has the opinions for it (groups: {', '.join(known)}; "
            f"labels that occur: {', '.join(sorted(present))}); choose another mix"
        )
    return chosen


def _selection(inputs: Sequence[Opinions], mix: str, groups: list[str]) -> Selection:
    if mix == "proportional":
        return lambda rng: [item.opinions for item in inputs]
    if mix == "balanced":
        return lambda rng: _balanced_texts(inputs, groups, rng)
    if mix == "random":
        return lambda rng: _dealt(inputs, rng)
    if mix == "combined":
        return lambda rng: [
            *(text for group in groups for text in _only(inputs, group)),
            *_balanced_texts(inputs, groups, rng),
        ]
    for group in groups:
        if mix in (group, f"{group}-only"):
            return lambda rng: _only(inputs, group)
    mixes = {item.mix for item in inputs}
    if mix in mixes:
        return lambda rng: [item.opinions for item in inputs if item.mix == mix]
    only = [f"{group}-only" for group in groups]
    raise unknown("mix", mix, {*RANKED_MIXES, *NAMED_MIXES, *groups, *only, *mixes})


def _only(inputs: Sequence[Opinions], group: str) -> list[list[str]]:
    texts = (
        [o for o, label in zip(i.opinions, i.labels, strict=True) if label == group] for i in inputs
    )
    return [text for text in texts if text]


def _balanced_texts(
    inputs: Sequence[Opinions], groups: list[str], rng: random.Random
) -> list[list[str]]:
    return [text for item in inputs if (text := _balanced(item, groups, rng))]


def _balanced(item: Opinions, groups: list[str], rng: random.Random) -> list[str]:
    places = [[i for i, label in enumerate(item.labels) if label == group] for group in groups]
    count = min(map(len, places), default=0)
    return [item.opinions[i] for i in sorted(i for p in places for i in rng.sample(p, count))]


def _dealt(inputs: Sequence[Opinions], rng: random.Random) -> list[list[str]]:
    pool = [opinion for item in inputs for opinion in item.opinions]
    rng.shuffle(pool)
    return [[pool.pop() for _ in item.opinions] for item in inputs]
