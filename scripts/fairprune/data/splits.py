"""Splits of a task: `train`, `calibration`, `test`, no opinion text in two of them."""

import random
from collections.abc import Sequence

from fairprune.data.opinions import Opinions
from fairprune.data.rows import Row
from fairprune.data.sizes import ENOUGH, FEWEST, TEST_SHARES
from fairprune.data.split_names import SPLITS
from fairprune.errors import FairpruneError

TRAIN_SHARE = 0.3


def normalise(text: str) -> str:
    """The form in which opinion texts are compared: runs of white space are one space."""
    return " ".join(text.split())


def texts(item: Opinions) -> set[str]:
    """The opinion texts of an input, normalised."""
    return {normalise(opinion) for opinion in item.opinions}


def connected(items: Sequence[Opinions]) -> list[list[int]]:
    """Sets of inputs (their places) that share opinion texts, directly or through others.

    Union-find over texts; in the order of each set's first input.
    """
    parent = list(range(len(items)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    holder: dict[str, int] = {}
    for place, item in enumerate(items):
        for text in texts(item):
            first, second = sorted((root(place), root(holder.setdefault(text, place))))
            parent[second] = first
    sets: dict[int, list[int]] = {}
    for place in range(len(items)):
        sets.setdefault(root(place), []).append(place)
    return list(sets.values())


def assign_splits(rows: Sequence[Row], seed: int) -> dict[str, list[Opinions]]:
    """The inputs of each split, in the file's order.

    Splits that the rows name are kept. Of `train` and `calibration`, one that is missing is
    taken from the other (see `divide`); it stays empty where that is not possible. Where no row
    names a split, connected inputs go by seed to test (40 %, or as much more, up to 70 %, as makes
    20 independent inputs), and half and half to calibration and train.

    Raises:
        FairpruneError: some rows name a split and others do not, a split is unknown, or an
            opinion text stands in two splits.
    """
    if any(row.split for row in rows):
        splits, share = _given(rows), TRAIN_SHARE
    else:
        inputs = [row.input for row in rows]
        test, rest = _by_connection(inputs, test_share(len(connected(inputs))), seed)
        splits = {"train": [], "calibration": rest if test else [], "test": test or rest}
        share = 0.5
    if not (splits["train"] and splits["calibration"]):
        outside = splits["train"] or splits["calibration"]
        splits["calibration"], splits["train"] = divide(outside, share, seed)
    return splits


def test_share(units: int) -> float:
    """The smallest share of so many independent inputs that gives enough for verdicts."""
    return next((share for share in TEST_SHARES if share * units >= ENOUGH), TEST_SHARES[-1])


def said(test: Sequence[Opinions], rows: int) -> str:
    """How many independent inputs a test split has, in words, and what would be needed.

    Args:
        rows: how many inputs all splits have.
    """
    units = len(connected(test))
    text = f"{units} independent inputs in the test split"
    if units < len(test):
        text = f"{len(test)} inputs in the test split, in {units} sets that share no opinions"
    if 0 < units < ENOUGH:
        needed = -(-rows * ENOUGH // units)
        text += f"; {FEWEST}: about {needed} rows like these would do"
    return text


def divide(items: list[Opinions], share: float, seed: int) -> tuple[list[Opinions], list[Opinions]]:
    """Inputs outside the test split as (calibration, train), no opinion text in both.

    Connected inputs stay together; `share` of the inputs go to train. Where they hang together
    too much for that, calibration keeps whole inputs that cover about 1 - `share` of the texts,
    every mix in turn, and train gets what the other inputs hold beside those texts (it serves
    to fit classifiers of single opinions). Where even that is not possible, train is empty.
    """
    train, calibration = _by_connection(items, share, seed)
    if len(train) < share / 2 * len(items) or not calibration:
        calibration, train = _by_text(items, share, seed)
    return calibration, train


def _given(rows: Sequence[Row]) -> dict[str, list[Opinions]]:
    splits: dict[str, list[Opinions]] = {name: [] for name in SPLITS}
    holder: dict[str, Row] = {}
    for row in rows:
        if row.split is None:
            raise FairpruneError(f"{row.where}: no split, though other rows name theirs")
        for text in sorted(texts(row.input)):
            other = holder.setdefault(text, row)
            if other.split != row.split:
                raise FairpruneError(
                    f"{row.where} ({row.split}) and {other.where} ({other.split}) share the "
                    f"opinion {text[:60]!r}; no opinion may stand in two splits"
                )
        splits[row.split].append(row.input)
    return splits


def _by_connection(
    items: list[Opinions], share: float, seed: int
) -> tuple[list[Opinions], list[Opinions]]:
    """Connected inputs together, by seed, the largest sets first: (about `share`, the rest)."""
    sets = connected(items)
    random.Random(seed).shuffle(sets)
    taken: set[int] = set()
    rest = 0
    for places in sorted(sets, key=len, reverse=True):
        if share * len(items) - len(taken) >= (1 - share) * len(items) - rest:
            taken.update(places)
        else:
            rest += len(places)
    first = [item for place, item in enumerate(items) if place in taken]
    second = [item for place, item in enumerate(items) if place not in taken]
    return first, second


def _by_text(
    items: list[Opinions], share: float, seed: int
) -> tuple[list[Opinions], list[Opinions]]:
    """Whole inputs that leave `share` of the texts, and what the others hold beside them."""
    queues: dict[str, list[Opinions]] = {}
    for item in random.Random(seed).sample(items, len(items)):
        queues.setdefault(item.mix, []).append(item)
    most = (1 - share) * len(set().union(*map(texts, items)))
    covered: set[str] = set()
    kept: set[str] = set()
    while queues:
        for mix in sorted(queues):
            # the least new text among the next few, so that many inputs stay whole
            item = min(queues[mix][:50], key=lambda item: len(texts(item) - covered))
            queues[mix].remove(item)
            if len(covered | texts(item)) > most:
                queues[mix] = []
            else:
                covered |= texts(item)
                kept.add(item.id)
            if not queues[mix]:
                del queues[mix]
    if not kept:
        return items, []
    calibration = [item for item in items if item.id in kept]
    others = [_without(item, covered) for item in items if item.id not in kept]
    return calibration, [item for item in others if item.opinions]


def _without(item: Opinions, covered: set[str]) -> Opinions:
    free = [i for i, text in enumerate(item.opinions) if normalise(text) not in covered]
    opinions, labels = [item.opinions[i] for i in free], [item.labels[i] for i in free]
    return Opinions(item.id, opinions, labels, item.mix, [])
