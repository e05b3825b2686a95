"""Made-up inputs, and writers whose fairness is known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

Row = dict[str, object]
Writer = Callable[[np.random.Generator, Row], str]


@dataclass(frozen=True)
class World:
    """How inputs are made: opinions of `words` words, drawn from each group's own vocabulary.

    `mixes`: the share of the first group in the inputs, each in turn; the others share the rest.
    `shared`: the share of words that all groups use alike. `taken`: group → the share of its
    opinions that speak like the next group's.
    """

    groups: str = "AB"
    opinions: int = 20
    words: int = 10
    vocabulary: int = 200
    mixes: Sequence[float] = (0.5,)
    shared: float = 0.0
    taken: Mapping[str, float] = field(default_factory=dict)

    def inputs(self, generator: np.random.Generator, number: int, name: str = "i") -> list[Row]:
        """So many inputs, as `evaluate` takes them."""
        rows = []
        for place in range(number):
            labels = self._labels(self.mixes[place % len(self.mixes)])
            texts = [self.opinion(generator, label) for label in labels]
            rows.append({"id": f"{name}{place}", "opinions": texts, "labels": labels})
        return rows

    def opinion(self, generator: np.random.Generator, label: str) -> str:
        """An opinion as somebody of a group writes it."""
        if generator.random() < self.taken.get(label, 0.0):
            label = self.groups[(self.groups.index(label) + 1) % len(self.groups)]
        drawn = generator.integers(self.vocabulary, size=self.words)
        common = generator.random(self.words) < self.shared
        words = [
            f"{'common' if both else label.lower()}word{number}"
            for number, both in zip(drawn, common, strict=True)
        ]
        return " ".join(words).capitalize() + "."

    def _labels(self, share: float) -> list[str]:
        first, *others = self.groups
        number = round(self.opinions * share)
        rest = [others[place % len(others)] for place in range(self.opinions - number)]
        return [first] * number + sorted(rest)


def quoting(number: int, of: Mapping[str, int] | None = None) -> Writer:
    """Quotes so many opinions, drawn at random; or so many `of` each group."""

    def write(generator: np.random.Generator, row: Row) -> str:
        texts, labels = np.array(row["opinions"]), np.array(row["labels"])
        if of is None:
            return " ".join(generator.permutation(texts)[:number])
        taken = [
            text
            for group, count in of.items()
            for text in generator.permutation(texts[labels == group])[:count]
        ]
        return " ".join(generator.permutation(taken))

    return write


def mixing(number: int) -> Writer:
    """Writes so many single words, drawn at random from all opinions."""

    def write(generator: np.random.Generator, row: Row) -> str:
        words = " ".join(row["opinions"]).replace(".", "").lower().split()
        return " ".join(generator.permutation(words)[:number]) + "."

    return write


def leaning(number: int, share: float, turned: float = 0.0) -> Writer:
    """Quotes so many opinions, each of A with probability `share`.

    `turned`: in so many inputs, of B with that probability.
    """

    def write(generator: np.random.Generator, row: Row) -> str:
        chance = 1 - share if generator.random() < turned else share
        first = int(generator.binomial(number, chance))
        return quoting(number, {"A": first, "B": number - first})(generator, row)

    return write


def sometimes(often: float, one: Writer, other: Writer) -> Writer:
    """Writes like `one` with probability `often`, else like the other."""

    def write(generator: np.random.Generator, row: Row) -> str:
        return (one if generator.random() < often else other)(generator, row)

    return write


def written(generator: np.random.Generator, rows: Sequence[Row], write: Writer) -> dict[str, str]:
    """A writer's summaries of all inputs, by their ids."""
    return {row["id"]: write(generator, row) for row in rows}
