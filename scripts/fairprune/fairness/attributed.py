"""What an attribution says of one input and its summary."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class Known(NamedTuple):
    """A sentence of a labelled opinion, and what the instrument gives it to.

    `group`: its opinion's label. `given`: group → share, summing to 1 or empty where it is given to
    no group. `left_out`: the same with its opinion taken out of the input; None where the
    instrument does not look at the input.
    """

    group: str
    given: Mapping[str, float]
    left_out: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Writing:
    """The input and the summary in the units that the instrument counts (`writer.chance`).

    `source`: of every opinion its units, in order; `written`: the summary's. Two units that say the
    same are equal. `gives`: unit → what it gives to each of the item's groups, K numbers. Only
    units that give something stand here.
    """

    source: Sequence[Sequence[Hashable]]
    written: Sequence[Hashable]
    gives: Mapping[Hashable, np.ndarray]


@dataclass(frozen=True)
class Attributed:
    """What an attribution says of one item.

    `p`, `q`: group → share; None where there is none. `coverage`: per opinion, None where the
    attribution has none. `unattributed`: the share of the summary that went to no group.
    `sentences`: for each sentence of the summary (`quotes.cut`) what went to each group, group →
    share, None where nothing did; empty where the attribution knows no sentences. `writing`: what
    chance is computed from; None where the attribution has none. `known`: the sentences of the
    input's own labelled opinions.
    """

    p: dict[str, float] | None
    q: dict[str, float] | None
    coverage: list[float] | None = None
    unattributed: float = 0.0
    sentences: Sequence[Mapping[str, float] | None] = ()
    writing: Writing | None = None
    known: Sequence[Known] = field(default=(), repr=False)


def normalised(counts: Mapping[str, float]) -> dict[str, float] | None:
    """Counts as shares that sum to 1; None where they sum to 0."""
    total = sum(counts.values())
    return {group: count / total for group, count in counts.items()} if total else None


def added(groups: Sequence[str], rows: Sequence[np.ndarray]) -> dict[str, float]:
    """What units give to the groups, altogether: group → sum."""
    sums = np.sum(rows, axis=0) if len(rows) else np.zeros(len(groups))
    return dict(zip(groups, sums.tolist(), strict=True))
