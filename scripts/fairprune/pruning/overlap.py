"""Which weights two variants prune alike, counted on packed masks, against what chance gives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fairprune.pruning.packed import PackedMasks

PIECE = 2**13  # words of a mask that are compared at a time: they stay in the cache


@dataclass(frozen=True)
class Counts:
    """One layer of several variants: weights looked at, and how many any two prune in common.

    Attributes:
        layer: module path.
        weights: how many were looked at.
        common: variants × variants, int64; on the diagonal what each prunes.
    """

    layer: str
    weights: int
    common: np.ndarray


@dataclass(frozen=True)
class Overlap:
    """What two variants have in common, of one layer or of several together.

    Attributes:
        weights, pruned, other_pruned, common: numbers of weights.
        expected: how many would be common by chance, layer by layer: `|A| |B| / weights`.
    """

    weights: int
    pruned: int
    other_pruned: int
    common: int
    expected: float

    @property
    def share(self) -> float | None:
        """Common weights as a share of what the two prune on average; None if nothing."""
        return self._of_mean(self.common)

    @property
    def chance(self) -> float | None:
        """The same share if each chose at random as many weights of every layer."""
        return self._of_mean(self.expected)

    @property
    def beyond_chance(self) -> float | None:
        """How far the share is from chance (0) to all in common (1); negative where it is below."""
        if self.share is None or self.chance is None or self.chance == 1:
            return None
        return (self.share - self.chance) / (1 - self.chance)

    def _of_mean(self, number: float) -> float | None:
        both = self.pruned + self.other_pruned
        return 2 * number / both if both else None


def overlap(layers: Sequence[Counts], one: int, other: int) -> Overlap:
    """What variants number `one` and `other` have in common in some layers together."""
    own, its = (np.array([c.common[n, n] for c in layers], dtype=float) for n in (one, other))
    weights = np.array([c.weights for c in layers], dtype=float)
    return Overlap(
        weights=int(weights.sum()),
        pruned=int(own.sum()),
        other_pruned=int(its.sum()),
        common=sum(int(c.common[one, other]) for c in layers),
        expected=float((own * its / weights).sum()),
    )


def count_layers(masks: Sequence[PackedMasks], every: int = 1) -> Iterator[Counts]:
    """Count layer by layer; each mask is read once.

    Args:
        masks: of variants of one model.
        every: look at every so-many-th piece of a layer's mask alone, the first one on.
    """
    for layer, (rows, columns) in masks[0].shapes.items():
        words = np.stack([_words(one.bits(layer)) for one in masks])
        common, seen = np.zeros((len(masks),) * 2, dtype=np.int64), 0
        for start in range(0, words.shape[1], PIECE * every):
            piece = words[:, start : start + PIECE]
            for row in range(len(piece)):
                alike = np.bitwise_count(piece[row] & piece[row:])
                common[row, row:] += alike.sum(axis=1, dtype=np.uint32)
            seen += min(64 * piece.shape[1], rows * columns - 64 * start)
        yield Counts(layer, seen, np.maximum(common, common.T))


def _words(packed: np.ndarray) -> np.ndarray:
    """Packed bits in words of 64, the last one filled up with zeros."""
    return np.pad(packed, (0, -len(packed) % 8)).view(np.uint64)
