"""Single opinions put together by what they are about: each input is of one set.

A set is a product, a business, a topic: the opinions with one value in the column `group_by`.
"""

import random
from collections import Counter
from collections.abc import Sequence

from fairprune.data.groups import Grouping, chunks, distinct_opinions
from fairprune.data.mixes import derive_mix
from fairprune.data.opinions import Opinions
from fairprune.data.rows import Labelled
from fairprune.data.sizes import ENOUGH, FEWEST, SIZES, TEST_SHARES
from fairprune.data.split_names import SPLITS
from fairprune.errors import FairpruneError, shortened
from fairprune.present import present

Pools = dict[str, list[Labelled]]  # set → its opinions
INPUTS = ("calibration", "test")


def set_inputs(
    found: Sequence[Labelled],
    groups: Sequence[str],
    plan: Grouping,
    seed: int,
    name: str,
    column: str,
) -> tuple[dict[str, list[Opinions]], str]:
    """Inputs for each split, each of the opinions of one set, and in words how many there are.

    An input holds the opinions as they come, so its mix follows from them; no opinion stands in
    two. Sets keep the split that their rows name; where none does, whole sets are dealt out by
    seed, 40 to 70 % of the inputs to test, so that there are 20 where the data can, the rest half
    and half. Sets take turns, so that the first inputs of a mix are of many sets. Train holds every
    opinion of its sets once.

    Args:
        found: the opinions, each with what it is `about`; of a text that occurs twice the first.
        groups: the groups; opinions of other labels are left out.
        plan: opinions an input (none: 20 down to 6), and inputs of a mix and split at most.
        seed: the root seed.
        name: what the ids begin with.
        column: what the sets are called by, for messages.

    Raises:
        FairpruneError: fewer than three sets fill an input, or an option that sets do not go with.
    """
    if plan.reuse or plan.mixes:
        raise FairpruneError(
            f"group_by {column}: inputs are made of a set's opinions as they come, each once; "
            "leave out reuse and --grouped-mix"
        )
    kept = distinct_opinions(found, groups)
    given = any(opinion.split for opinion in kept)
    pools: dict[str | None, Pools] = {}
    for opinion in kept:
        pools.setdefault(opinion.split, {}).setdefault(present(opinion.about), []).append(opinion)
    size, share = _choose(pools.get("test", {}) if given else pools.get(None, {}), given, plan)
    dealt = {split: pools.get(split, {}) for split in SPLITS}
    if not given:
        dealt = _deal(pools.get(None, {}), size, share, seed, column)
    made = {
        split: _inputs(dealt[split], size, plan.inputs, seed, f"{name}-{split}") for split in INPUTS
    }
    deck: dict[str, list[str]] = {group: [] for group in groups}
    for opinion in (o for pool in dealt["train"].values() for o in pool):
        deck[opinion.label].append(opinion.text)
    made["train"] = chunks(deck, size, name, seed)
    sets: Pools = {}
    for part in pools.values():
        for about, pool in part.items():
            sets.setdefault(about, []).extend(pool)
    return made, _said(sets, len(dealt["test"]), len(made["test"]), size, column)


def _choose(judged: Pools, given: bool, plan: Grouping) -> tuple[int, float]:
    """Opinions an input, and the share of inputs that goes to test.

    The largest inputs that leave enough of them, and that half of the sets can fill which fill the
    smallest ones.
    """
    sizes = (plan.size,) if plan.size else SIZES
    most = _filling(judged, sizes[-1])
    for share in (1.0,) if given else TEST_SHARES:
        for size in sizes:
            filling = _filling(judged, size)
            enough = share * sum(len(pool) // size for pool in judged.values()) >= ENOUGH
            if enough and 2 * filling >= most and (given or filling >= len(SPLITS)):
                return size, share
    return sizes[-1], 1.0 if given else TEST_SHARES[-1]


def _filling(pools: Pools, size: int) -> int:
    """How many sets fill an input."""
    return sum(len(pool) >= size for pool in pools.values())


def _deal(pools: Pools, size: int, share: float, seed: int, column: str) -> dict[str, Pools]:
    """Whole sets to splits: the largest first, each to where most is wanting."""
    count = {about: len(pool) // size for about, pool in pools.items() if len(pool) >= size}
    if len(count) < len(SPLITS):
        largest = max(map(len, pools.values()), default=0)
        raise FairpruneError(
            f"group_by {column}: {len(count)} of {len(pools)} sets have the {size} opinions of an "
            f"input (the largest has {largest}), and every split needs one: give more sets, "
            "larger ones, a smaller per_input, or a column split"
        )
    order = sorted(count)
    random.Random(f"{seed}/sets").shuffle(order)
    order.sort(key=lambda about: -count[about])
    total = sum(count.values())
    wanting = {"test": share * total, **dict.fromkeys(SPLITS[:2], (1 - share) / 2 * total)}
    dealt: dict[str, Pools] = {split: {} for split in SPLITS}
    for place, about in enumerate(order):
        empty = [split for split in wanting if not dealt[split]]
        open_to = empty if len(order) - place <= len(empty) else list(wanting)
        split = max(open_to, key=lambda s: wanting[s])
        dealt[split][about] = pools[about]
        wanting[split] -= count[about]
    return dealt


def _inputs(pools: Pools, size: int, most: int, seed: int, name: str) -> list[Opinions]:
    """At most so many inputs of a mix, the sets in turn."""
    found: list[tuple[int, str, Opinions]] = []
    for about, pool in sorted(pools.items()):
        drawn = list(pool)
        random.Random(f"{seed}/{about}").shuffle(drawn)
        for number in range(len(drawn) // size):
            part = drawn[number * size : (number + 1) * size]
            labels = [opinion.label for opinion in part]
            texts = [opinion.text for opinion in part]
            item = Opinions(f"{name}-{about}-{number:03d}", texts, labels, derive_mix(labels), [])
            found.append((number, about, item))
    turn: Counter[str] = Counter()
    kept = []
    for _, _, item in sorted(found, key=lambda entry: entry[:2]):
        turn[item.mix] += 1
        if turn[item.mix] <= most:
            kept.append(item)
    return kept


def _said(sets: Pools, judged: int, inputs: int, size: int, column: str) -> str:
    small = sorted(about for about, pool in sets.items() if len(pool) < size)
    text = f"{inputs} inputs of {size} in the test split"
    text += f", of {judged} of {len(sets)} sets ({column})"
    if small:
        text += f"; {len(small)} are too small ({shortened(small[0], 30)}, say)"
    return text + (f"; {FEWEST}" if inputs < ENOUGH else "")
