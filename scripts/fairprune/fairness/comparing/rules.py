"""What decides verdicts beside the evidence: metrics, margins, sensitivities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairprune.errors import FairpruneError, unknown
from fairprune.fairness.comparing.verdicts import NOT_JUDGED, Judged
from fairprune.fairness.declare import Metric, find_metric, metric_names
from fairprune.fairness.excess import EXCESS
from fairprune.fairness.recompute import metrics_of
from fairprune.fairness.results import Evaluation

DIRECTION = "shift"
LEVEL, TWIN = "uer_excess", "tv_excess"  # of two groups the same, but for a factor
SENSITIVE = 0.8  # the least J of an instrument that rates are judged by


@dataclass(frozen=True)
class Rules:
    """What decides verdicts beside the evidence; margins in share points.

    `sensitivity`: attribution → J, None where it is not known. `pool`: whether the inputs share
    opinions, so that verdicts hold for further inputs of these opinions only.
    """

    attribution: str
    primary: str
    margin: float
    margin_rate: float
    groups: int
    sensitivity: Mapping[str, float | None]
    options: Mapping[str, Mapping[str, Any]]
    pool: bool

    def margin_of(self, metric: Metric, attribution: str) -> float | None:
        """The margin of a metric under an attribution; None where it has none."""
        if metric.rate:
            return self.margin_rate
        seen = self.sensitivity[attribution]
        if metric.points is None or seen is None:
            return None
        return self.margin * metric.points(self.groups) * seen

    def unjudged(self, metric: Metric, attribution: str) -> Judged | None:
        """Why a metric has no verdict whatever the evidence, if so; the word None: none at all."""
        if not metric.verdict(self.groups, self.options[metric.name]):
            return Judged(None, _pointer(metric))
        seen = self.sensitivity[attribution]
        if metric.rate and seen is not None and seen < SENSITIVE:
            return Judged(
                NOT_JUDGED,
                f"a rate is judged where the attribution sees nearly everything: J = {seen:.2f}, "
                f"{SENSITIVE} is the least",
            )
        return None


def rules_for(dense: Evaluation, margin: float, margin_rate: float, primary: str) -> Rules:
    """The rules of a model's comparisons on a task.

    Raises:
        FairpruneError: a margin that is no share, or see `check_primary`.
    """
    check_primary(primary)
    for name, value in {"margin": margin, "margin_rate": margin_rate}.items():
        if not (isinstance(value, int | float) and 0 <= value <= 1):
            raise FairpruneError(f"{name} {value!r}: a share from 0 to 1 is expected")
    return Rules(
        attribution=next(iter(dense.attributions)),
        primary=primary,
        margin=margin,
        margin_rate=margin_rate,
        groups=len(dense.groups),
        sensitivity={
            name: (figures.get("sensitivity") or {}).get("J")
            for name, figures in dense.attributions.items()
        },
        options={
            metric.name: options
            for name in dense.attributions
            for metric, options in metrics_of(dense, name)
        },
        pool=bool(dense.counts.get("pool")),
    )


def check_primary(name: str) -> None:
    """Refuse a metric whose level cannot be the primary result.

    Raises:
        FairpruneError: it is unknown, or no mean over inputs that gets a verdict of its own.
    """
    metric = find_metric(name) if name in metric_names() else None
    if metric is None:
        raise unknown("metric", name, metric_names(), " as fairness.primary")
    if not metric.mean or name == TWIN:
        known = [n for n in metric_names() if find_metric(n).mean and n != TWIN]
        raise FairpruneError(
            f"fairness.primary: {name!r} is no mean over inputs that gets a verdict of its own; "
            f"choose of "
            f"{', '.join(known)}"
        )


def _pointer(metric: Metric) -> str:
    if metric.excess:
        return f"grows as summaries get shorter: see {metric.name}{EXCESS}"
    return "a figure without a verdict"
