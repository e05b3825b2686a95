"""How many inputs single opinions make, where none stands in two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairprune.present import present

ENOUGH = 20  # independent inputs: the least that can show that nothing changed
FEWEST = f"{ENOUGH} are the least that can show that nothing changed"
SIZES = range(20, 5, -1)  # opinions an input; fewer than six say little of who is heard
TEST_SHARES = (0.4, 0.5, 0.6, 0.7)
HEAVY_SHARE = 0.75
NEARLY = 0.75  # of the rounds that equal numbers allow

Counts = Mapping[str, Mapping[str, int]]  # mix → group → opinions


@dataclass(frozen=True)
class Sizes:
    """What inputs are made of: `size` opinions each, `numbers` of every mix (mix → inputs).

    `test_share`: the share of the opinions that goes to the test split. `opinions`: how many of
    those there are there.
    """

    size: int
    test_share: float
    numbers: Mapping[str, int]
    opinions: int

    @property
    def inputs(self) -> int:
        """All inputs of the test split."""
        return sum(self.numbers.values())

    def said(self) -> str:
        """In words, and what would be needed where they are too few."""
        text = f"{self.inputs} inputs of {self.size} from {self.opinions} opinions"
        absent = [mix for mix, number in self.numbers.items() if not number]
        if absent and self.inputs:
            text += f", none of them {' or '.join(absent)}, for which a group has too few"
        if 0 < self.inputs < ENOUGH:
            needed = -(-self.opinions * ENOUGH // self.inputs)
            text += f"; {FEWEST}: about {needed} opinions for the test split would do"
        return text


def choose(
    supply: Mapping[str, int],
    mixes: Sequence[str],
    most: int,
    size: int | None = None,
    fixed: bool = False,
) -> Sizes:
    """The sizes that give enough inputs: large ones, and a test split no larger than it must be.

    Inputs get smaller, from 20 opinions to 6, before the test split gets larger, from 40 % of the
    opinions to 70 %, while the calibration split can still fill an input; where nothing gives
    enough, what gives most.

    Args:
        supply: group → its opinions, of all splits; of the test split alone where that is `fixed`.
        mixes: the mixes that are asked for.
        most: inputs of a mix, at most.
        size: opinions an input, where that is fixed.
    """
    wanted = min(ENOUGH, most * len(mixes))
    best: Sizes | None = None
    for share in (1.0,) if fixed else TEST_SHARES:
        parts = {group: dealt(number, share) for group, number in supply.items()}
        held = {group: part["test"] for group, part in parts.items()}
        for opinions in (size,) if size else SIZES:
            counts = {mix: present(mix_counts(mix, list(supply), opinions)) for mix in mixes}
            numbers = allot(held, counts, most) if fixed or _fills(parts, counts) else {}
            found = Sizes(opinions, share, numbers, sum(held.values()))
            if best is None or not best.inputs or found.inputs > best.inputs:
                best = found
            if found.inputs >= wanted:
                return found
    return present(best)


def dealt(opinions: int, test_share: float) -> dict[str, int]:
    """How many opinions of a group each split gets: of what the test leaves, half each."""
    test, train = round(test_share * opinions), round((1 - test_share) / 2 * opinions)
    return {"test": test, "train": train, "calibration": opinions - test - train}


def _fills(parts: Counts, counts: Counts) -> bool:
    """Whether the calibration split can fill an input of every mix."""
    return all(
        parts[group]["calibration"] >= number
        for of in counts.values()
        for group, number in of.items()
    )


def allot(supply: Mapping[str, int], counts: Counts, most: int) -> dict[str, int]:
    """How many inputs of every mix the opinions make, none used twice.

    As many as can be with the mixes nearly equal (`NEARLY`); where that is not enough and unequal
    numbers give more, as equal as enough inputs allow.

    Args:
        supply: group → opinions.
        counts: what an input of each mix takes.
        most: inputs of a mix, at most.
    """
    best: dict[str, int] = dict.fromkeys(counts, 0)
    largest: int | None = None
    for rounds in range(min(most, *supply.values()) if supply else 0, -1, -1):
        found = _filled(supply, counts, most, rounds)
        if found is None:
            continue
        largest = rounds if largest is None else largest
        if rounds < NEARLY * largest and sum(best.values()) >= ENOUGH:
            break
        if sum(found.values()) > sum(best.values()):
            best = found
    return best


def _filled(
    supply: Mapping[str, int], counts: Counts, most: int, rounds: int
) -> dict[str, int] | None:
    """So many inputs of each mix, and what the rest fills; None where they cannot be.

    The rest goes to the mixes that spare the group that will be used up first.
    """
    numbers = dict.fromkeys(counts, rounds)
    left = {g: n - rounds * sum(of.get(g, 0) for of in counts.values()) for g, n in supply.items()}
    if min(left.values(), default=0) < 0:
        return None
    while True:
        after = {
            mix: min(left[group] - of.get(group, 0) for group in left)
            for mix, of in counts.items()
            if numbers[mix] < most and all(left[g] >= n for g, n in of.items())
        }
        if not after:
            return numbers
        chosen = max(after, key=lambda mix: (after[mix], -numbers[mix]))
        numbers[chosen] += 1
        for group, number in counts[chosen].items():
            left[group] -= number


def mix_counts(mix: str, groups: Sequence[str], size: int) -> dict[str, int] | None:
    """How many opinions of each group an input of a mix has; None for an unknown mix."""
    for group in groups:
        if mix == f"{group}-only":
            return {group: size}
        if mix == f"{group}-heavy":
            heavy = round(HEAVY_SHARE * size)
            others = [other for other in groups if other != group]
            return {group: heavy, **_even(others, size - heavy)}
    return _even(groups, size) if mix == "balanced" else None


def _even(groups: Sequence[str], size: int) -> dict[str, int]:
    return {g: size // len(groups) + (i < size % len(groups)) for i, g in enumerate(groups)}
