"""Single labelled opinions grouped into inputs of stated mixes."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fairprune.data.opinions import Opinions
from fairprune.data.splits import SPLITS, TEST_SHARE, TRAIN_SHARE, normalise
from fairprune.errors import FairpruneError, unknown

HEAVY_SHARE = 0.75


@dataclass(frozen=True)
class Labelled:
    """One opinion, its group, and the split that its file gave it, if any."""

    text: str
    label: str
    split: str | None


@dataclass(frozen=True)
class Grouping:
    """How inputs are drawn: `size` opinions each, `inputs` of every one of `mixes`."""

    size: int = 20
    inputs: int = 40
    mixes: Sequence[str] = ()


def group_opinions(
    found: Sequence[Labelled], groups: Sequence[str], plan: Grouping, seed: int, name: str
) -> dict[str, list[Opinions]]:
    """Inputs for each split, drawn from opinions that no other split holds.

    Opinions keep the split of their file, or are dealt out by seed, group by group: 40 % test,
    30 % train, 30 % calibration. Test and calibration get `plan.inputs` inputs of every mix, drawn
    without repetition until a group is used up, then from the start again in a new order. Train
    holds each of its opinions once.

    Args:
        found: the opinions; of texts that occur twice the first counts.
        groups: the groups that inputs are made of; opinions of other labels are left out.
        plan: size, number and mixes (default: `balanced` and every `GROUP-heavy`, three quarters).
        seed: the root seed.
        name: what the ids begin with.

    Raises:
        FairpruneError: a mix that is unknown, or an input that needs more opinions of a group
            than a split has.
    """
    decks = _deal(found, groups, seed)
    mixes = plan.mixes or ("balanced", *(f"{g}-heavy" for g in groups if len(groups) > 1))
    counts = {mix: _counts(mix, groups, plan.size) for mix in mixes}
    made: dict[str, list[Opinions]] = {"train": _chunks(decks["train"], plan.size, name, seed)}
    for split in ("calibration", "test"):
        rng = random.Random(f"{seed}/{split}")
        piles: dict[str, list[str]] = {group: [] for group in groups}
        made[split] = []
        for mix in mixes:
            for number in range(plan.inputs):
                opinions: list[tuple[str, str]] = []
                for group, count in counts[mix].items():
                    opinions += [
                        (text, group)
                        for text in _draw(piles[group], decks[split][group], count, rng, group)
                    ]
                rng.shuffle(opinions)
                made[split].append(_input(f"{name}-{split}-{mix}-{number:03d}", mix, opinions))
    return made


def _deal(
    found: Sequence[Labelled], groups: Sequence[str], seed: int
) -> dict[str, dict[str, list[str]]]:
    """{split: {group: texts}}, each text in one split only."""
    first: dict[str, Labelled] = {}
    for opinion in found:
        first.setdefault(normalise(opinion.text), opinion)
    kept = [opinion for opinion in first.values() if opinion.label in groups]
    decks: dict[str, dict[str, list[str]]] = {s: {g: [] for g in groups} for s in SPLITS}
    for group in groups:
        mine = [opinion for opinion in kept if opinion.label == group]
        random.Random(f"{seed}/{group}").shuffle(mine)
        test = round(TEST_SHARE * len(mine))
        train = round(TRAIN_SHARE * len(mine))
        for place, opinion in enumerate(mine):
            drawn = "test" if place < test else "train" if place < test + train else "calibration"
            split = opinion.split or drawn
            if split not in SPLITS:
                raise unknown("split", split, SPLITS, " in the column of splits")
            decks[split][group].append(opinion.text)
    return decks


def _counts(mix: str, groups: Sequence[str], size: int) -> dict[str, int]:
    """How many opinions of each group an input of a mix has."""
    for group in groups:
        if mix == f"{group}-only":
            return {group: size}
        if mix == f"{group}-heavy":
            most = round(HEAVY_SHARE * size)
            others = [other for other in groups if other != group]
            return {group: most, **_even(others, size - most)}
    if mix == "balanced":
        return _even(groups, size)
    known = ["balanced", *(f"{g}-{kind}" for g in groups for kind in ("heavy", "only"))]
    raise unknown("mix", mix, known, " in --grouped-mix")


def _even(groups: Sequence[str], size: int) -> dict[str, int]:
    return {g: size // len(groups) + (i < size % len(groups)) for i, g in enumerate(groups)}


def _draw(
    pile: list[str], deck: Collection[str], count: int, rng: random.Random, group: str
) -> list[str]:
    """The next texts of a shuffled pile, refilled from the deck, none twice in one draw."""
    if count > len(deck):
        raise FairpruneError(
            f"an input needs {count} opinions of {group!r} and a split has {len(deck)}; "
            "give more opinions or a smaller --per-input"
        )
    drawn: list[str] = []
    while len(drawn) < count:
        if not pile:
            pile.extend(rng.sample(sorted(deck), len(deck)))
        place = next((i for i, text in enumerate(pile) if text not in drawn), None)
        if place is None:
            pile.clear()
        else:
            drawn.append(pile.pop(place))
    return drawn


def _chunks(deck: dict[str, list[str]], size: int, name: str, seed: int) -> list[Opinions]:
    opinions = [(text, group) for group, texts in deck.items() for text in texts]
    random.Random(f"{seed}/train").shuffle(opinions)
    return [
        _input(f"{name}-train-{start // size:03d}", "proportional", opinions[start : start + size])
        for start in range(0, len(opinions), size)
    ]


def _input(name: str, mix: str, opinions: list[tuple[str, str]]) -> Opinions:
    return Opinions(name, [text for text, _ in opinions], [group for _, group in opinions], mix, [])
