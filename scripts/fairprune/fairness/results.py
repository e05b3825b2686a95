"""What an evaluation is: typed rows, and the arrays that metrics take from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from fairprune.fairness.shares import Shares

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Figure:
    """One value: a metric over a stratum under an attribution, with its 95 % interval.

    `value` is None where it is undefined (an empty stratum), `low` and `high` also where there
    are fewer than two units to resample. `n`: inputs that it counts; `n_invalid`: inputs of the
    stratum left out because their summary is invalid.
    """

    attribution: str
    metric: str
    stratum: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    n_invalid: int


@dataclass(frozen=True)
class Share:
    """p and q of one group in one input; q is None where `valid` is not.

    `chance`: metric → what a fair writer would get in this input (`writer`), the same for all its
    groups, or the group's own for metrics of groups (`sof`). `sample`: which of the input's
    summaries q is of.
    """

    id: str
    mix: str
    attribution: str
    group: str
    p: float | None
    q: float | None
    valid: bool
    chance: Mapping[str, float | None] = field(default_factory=dict)
    sample: int = 0


@dataclass(frozen=True)
class Input:
    """One evaluated input: its stratum (None: fewer than two groups) and unit of resampling."""

    id: str
    stratum: str | None
    unit: int


@dataclass(frozen=True)
class GroupShare:
    """How much of the opinions, and of the summaries, is a group's, under an attribution.

    Means over the n inputs with a valid summary; a group that an input does not hold has 0 there.
    `input`: the labels' share. `summary`: that share plus `(q − p) / J`, so that the instrument's
    weakness neither hides nor makes a difference; None where J is not known or too small. Each
    with its 95 % interval.
    """

    attribution: str
    group: str
    input: float | None
    input_low: float | None
    input_high: float | None
    summary: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Evaluation:
    """Everything that was found about one set of summaries.

    `settings`: what decided the figures beside the data (pair, ignored labels, options, language,
    seed, and how many `samples` an input has: what is said per summary below stands sample by
    sample then). `counts`: inputs, those with one group, summaries that are empty, short, repeated,
    invented. `attributions`: name → figures about the attribution itself: how many summaries are
    `valid`, its `sensitivity`. `group_shares`: what people are shown. `texts`: of every input a
    digest of what was written. `coverage`: attribution → per summary, per opinion (None where it
    is invalid); `labels`: the opinions' groups. `sentences`: attribution → per summary, per
    sentence, the share that went to each of `groups` (None where nothing did; no sentence where
    the summary is invalid).
    """

    groups: tuple[str, ...]
    figures: list[Figure]
    shares: list[Share]
    inputs: list[Input]
    settings: dict[str, Any]
    counts: dict[str, Any]
    attributions: dict[str, dict[str, Any]]
    group_shares: list[GroupShare] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    coverage: dict[str, list[list[float] | None]] = field(default_factory=dict)
    sentences: dict[str, list[list[list[float] | None]]] = field(default_factory=dict)
    labels: list[tuple[str | None, ...]] = field(default_factory=list)

    @property
    def samples(self) -> int:
        """How many summaries an input has."""
        return self.settings.get("samples", 1)

    def value(self, metric: str, attribution: str = "tokens", stratum: str = "all") -> float | None:
        """The value of one metric; KeyError where it was not computed."""
        for figure in self.figures:
            if (figure.metric, figure.attribution, figure.stratum) == (
                metric,
                attribution,
                stratum,
            ):
                return figure.value
        raise KeyError((metric, attribution, stratum))

    def table(self) -> "pd.DataFrame":
        """The figures as a pandas DataFrame, one row each."""
        import pandas as pd

        return pd.DataFrame([asdict(figure) for figure in self.figures])


def shares_of(
    rows: Iterable[Share],
    inputs: Sequence[Input],
    groups: Sequence[str],
    pair: Sequence[str] | None,
    with_chance: Sequence[str] = (),
    samples: int = 1,
) -> Shares:
    """The arrays of one attribution; inputs without a stratum or a valid summary are NaN.

    Args:
        with_chance: metrics that have a chance, even if no summary is valid.
        samples: summaries an input.
    """
    number = {entry.id: i for i, entry in enumerate(inputs) if entry.stratum is not None}
    column = {group: k for k, group in enumerate(groups)}
    p = np.full((len(inputs) * samples, len(groups)), np.nan)
    q = p.copy()
    chance = {metric: np.full(p.shape, np.nan) for metric in with_chance}
    for row in rows:
        if row.valid and row.id in number:
            place = number[row.id] * samples + row.sample, column[row.group]
            p[place], q[place] = row.p, row.q
            for metric, value in row.chance.items():
                chance.setdefault(metric, np.full(p.shape, np.nan))[place] = value
    heavy = _heavy(inputs, groups, samples)
    return Shares(p, q, heavy, _pair(pair, column), chance=chance, samples=samples)


def coverage_of(
    coverage: Sequence[Sequence[float] | None],
    labels: Sequence[Sequence[str | None]],
    inputs: Sequence[Input],
    groups: Sequence[str],
    samples: int = 1,
) -> Shares:
    """The arrays of one attribution's coverage; p and q are NaN."""
    column = {group: k for k, group in enumerate(groups)}
    total = np.full((len(inputs) * samples, len(groups)), np.nan)
    number = total.copy()
    for i, values in enumerate(coverage):
        entry = inputs[i // samples]
        if entry.stratum is None or values is None:
            continue
        for value, label in zip(values, labels[i // samples], strict=True):
            if label is not None:
                k = column[label]
                total[i, k] = value + np.nan_to_num(total[i, k])
                number[i, k] = 1 + np.nan_to_num(number[i, k])
    empty = np.full_like(total, np.nan)
    heavy = _heavy(inputs, groups, samples)
    return Shares(empty, empty, heavy, None, total, number, samples=samples)


def _heavy(inputs: Sequence[Input], groups: Sequence[str], samples: int) -> np.ndarray:
    numbers = {f"{group}-heavy": k for k, group in enumerate(groups)}
    found = np.array([numbers.get(entry.stratum or "", -1) for entry in inputs], dtype=int)
    return np.repeat(found, samples)


def _pair(pair: Sequence[str] | None, column: dict[str, int]) -> tuple[int, int] | None:
    return (column[pair[0]], column[pair[1]]) if pair else None
