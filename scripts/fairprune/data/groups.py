"""Single labelled opinions grouped into inputs of stated mixes."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fairprune.data.opinions import Opinions
from fairprune.data.rows import Labelled
from fairprune.data.sizes import Sizes, choose, dealt, mix_counts
from fairprune.data.split_names import SPLITS
from fairprune.data.splits import TRAIN_SHARE, normalise
from fairprune.errors import FairpruneError, unknown
from fairprune.present import present

Decks = dict[str, dict[str, list[str]]]  # split → group → texts


@dataclass(frozen=True)
class Grouping:
    """How inputs are drawn: `size` opinions each (None: as suits the data), `inputs` of every one
    of `mixes` at most; with `reuse` just so many, an opinion in several of them where it must be.
    """

    size: int | None = None
    inputs: int = 40
    mixes: Sequence[str] = ()
    reuse: bool = False


def group_opinions(
    found: Sequence[Labelled], groups: Sequence[str], plan: Grouping, seed: int, name: str
) -> tuple[dict[str, list[Opinions]], Sizes]:
    """Inputs for each split, drawn from opinions that no other split holds; and their sizes.

    Opinions keep the split of their file, or are dealt out by seed, group by group: 40 to 70 % test
    (`sizes.choose`), the rest half and half to train and calibration. No opinion stands in two
    inputs of the test split, so that they are independent; with `reuse`, and for calibration,
    opinions are drawn without repetition until a group is used up, then from the start again in a
    new order. Train holds each of its opinions once.

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
    kept = distinct_opinions(found, groups)
    mixes = plan.mixes or default_mixes(groups)
    for mix in mixes:
        if mix_counts(mix, groups, 2) is None:
            known = ["balanced", *(f"{g}-{kind}" for g in groups for kind in ("heavy", "only"))]
            raise unknown("mix", mix, known, " in --grouped-mix")
    sizes = _sizes(kept, groups, mixes, plan)
    decks = _deal(kept, groups, seed, sizes.test_share)
    made = {"train": chunks(decks["train"], sizes.size, name, seed)}
    for split, reuse in (("calibration", True), ("test", plan.reuse)):
        numbers = dict.fromkeys(mixes, plan.inputs) if reuse else sizes.numbers
        rng = random.Random(f"{seed}/{split}")
        made[split] = list(_inputs(decks[split], numbers, sizes.size, rng, f"{name}-{split}"))
    return made, sizes


def with_all_splits(found: Sequence[Labelled], seed: int) -> list[Labelled]:
    """The opinions, where a file names no `train` or no `calibration`: taken from the other one.

    By seed, 30 % of each group's are train, the rest calibration. Others stay as they are.
    """
    names = {opinion.split for opinion in found}
    source = names & {"train", "calibration"}
    if None in names or len(source) != 1:
        return list(found)
    (taken,) = source
    dealt = list(found)
    for label in sorted({opinion.label for opinion in found}):
        places = [n for n, o in enumerate(found) if (o.label, o.split) == (label, taken)]
        random.Random(f"{seed}/{label}/splits").shuffle(places)
        for rank, place in enumerate(places):
            split = "train" if rank < TRAIN_SHARE * len(places) else "calibration"
            dealt[place] = replace(found[place], split=split)
    return dealt


def default_mixes(groups: Sequence[str]) -> list[str]:
    """Balanced inputs, and those in which one group prevails."""
    return ["balanced", *(f"{group}-heavy" for group in groups if len(groups) > 1)]


def distinct_opinions(found: Sequence[Labelled], groups: Sequence[str]) -> list[Labelled]:
    """The opinions of the groups, each text once."""
    first: dict[str, Labelled] = {}
    for opinion in found:
        first.setdefault(normalise(opinion.text), opinion)
    return [opinion for opinion in first.values() if opinion.label in groups]


def _sizes(
    kept: Sequence[Labelled], groups: Sequence[str], mixes: Sequence[str], plan: Grouping
) -> Sizes:
    given = any(opinion.split for opinion in kept)
    judged = [opinion for opinion in kept if not given or opinion.split == "test"]
    supply = {g: sum(opinion.label == g for opinion in judged) for g in groups}
    return choose(supply, mixes, plan.inputs, plan.size, fixed=given)


def _deal(kept: Sequence[Labelled], groups: Sequence[str], seed: int, share: float) -> Decks:
    """Each text in one split only; where no file names it, by seed, `share` of a group to test."""
    decks: Decks = {split: {group: [] for group in groups} for split in SPLITS}
    for group in groups:
        mine = [opinion for opinion in kept if opinion.label == group]
        random.Random(f"{seed}/{group}").shuffle(mine)
        drawn = [split for split, number in dealt(len(mine), share).items() for _ in range(number)]
        for split, opinion in zip(drawn, mine, strict=True):
            decks[opinion.split or split][group].append(opinion.text)
    return decks


def _inputs(
    deck: Mapping[str, list[str]],
    numbers: Mapping[str, int],
    size: int,
    rng: random.Random,
    name: str,
) -> Iterator[Opinions]:
    """So many inputs of each mix, drawn from the piles of the groups."""
    piles: dict[str, list[str]] = {group: [] for group in deck}
    for mix, wanted in numbers.items():
        for number in range(wanted):
            opinions: list[tuple[str, str]] = []
            for group, count in present(mix_counts(mix, list(deck), size)).items():
                drawn = _draw(piles[group], deck[group], count, rng, group)
                opinions += [(text, group) for text in drawn]
            rng.shuffle(opinions)
            yield _input(f"{name}-{mix}-{number:03d}", mix, opinions)


def _draw(
    pile: list[str], deck: Sequence[str], count: int, rng: random.Random, group: str
) -> list[str]:
    """The next texts of a shuffled pile, refilled from the deck, none twice in one draw."""
    if count > len(deck):
        raise FairpruneError(
            f"an input needs {count} opinions of {group!r} and a split has {len(deck)}; "
            "give more opinions or a smaller --per-input"
        )
    drawn: dict[str, None] = {}  # in order, and quickly looked through
    while len(drawn) < count:
        if not pile:
            pile.extend(rng.sample(sorted(deck), len(deck)))
        place = next((i for i, text in enumerate(pile) if text not in drawn), None)
        if place is None:
            pile.clear()
        else:
            drawn[pile.pop(place)] = None
    return [*drawn]


def chunks(deck: Mapping[str, list[str]], size: int, name: str, seed: int) -> list[Opinions]:
    """Each opinion of the decks of the groups once, in inputs of `size` (train)."""
    opinions = [(text, group) for group, texts in deck.items() for text in texts]
    random.Random(f"{seed}/train").shuffle(opinions)
    return [
        _input(f"{name}-train-{start // size:03d}", "proportional", opinions[start : start + size])
        for start in range(0, len(opinions), size)
    ]


def _input(name: str, mix: str, opinions: list[tuple[str, str]]) -> Opinions:
    return Opinions(name, [text for text, _ in opinions], [group for _, group in opinions], mix, [])
