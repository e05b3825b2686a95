"""Every variant against the dense model on every metric with a goal, item by item."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from fairprune.bias.evidence import Found, evidence_of
from fairprune.bias.flips import Flips, flips_of
from fairprune.bias.goals import Goal, Goals
from fairprune.bias.pairs import by_metric, pairs_of
from fairprune.fairness.comparing.correction import benjamini_hochberg
from fairprune.fairness.comparing.meetings import draws_of
from fairprune.fairness.comparing.verdicts import FEWEST, Judged, Tested, judge
from fairprune.io.hashing import derive_seed

MARGIN = 0.10

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Place:
    """One variant, metric and stratum: what was found there, before any correction."""

    variant: str
    task: str
    metric: str
    stratum: str
    goal: Goal
    found: Found
    flips: Flips
    marks: dict[str, bool] = field(default_factory=dict)

    @property
    def p_value(self) -> float | None:
        """The p, of places that can get a verdict."""
        return self.found.evidence.p_value if self.found.evidence.units >= FEWEST else None


def compared(
    dense: Rows, variants: Mapping[str, Rows], goals: Goals, margin: float, seed: int
) -> list[dict[str, Any]]:
    """Compare what variants got on each item with what the dense model got.

    All rows are exploratory: q-values are Benjamini and Hochberg's over all that can get a verdict.

    Args:
        dense: rows of items of the unpruned model.
        variants: name → the rows of a variant, of the same items.
        goals: task → metric → what is good; other metrics are left out.
        margin: the difference of a share of items that is none; of other ranges so much of them.
        seed: root seed of resamples and swaps.

    Raises:
        FairpruneError: a variant was measured on other items (`pairs_of`).
    """
    places = list(_places(dense, variants, goals, seed))
    rates = benjamini_hochberg([place.p_value for place in places])
    tests = max(1, sum(rate is not None for rate in rates))
    rows = []
    for place, rate in zip(places, rates, strict=True):
        allowed = margin * (place.goal.high - place.goal.low)
        judged = judge(Tested(place.found.evidence, rate, allowed, tests), None)
        rows.append(_row(place, judged, rate, allowed))
    return rows


def _places(dense: Rows, variants: Mapping[str, Rows], goals: Goals, seed: int) -> Iterator[Place]:
    before, draws = by_metric(dense), draws_of(list(variants))
    for variant, rows in variants.items():
        after = by_metric(rows)
        for task, metrics in goals.items():
            for metric, goal in metrics.items():
                key = (task, metric)
                if key not in before and key not in after:
                    continue
                where = f"{variant}, {task} {metric}"
                pairs = pairs_of(before.get(key, {}), after.get(key, {}), goal, where)
                for stratum, mask in pairs.masks().items():
                    values = pairs.first[mask], pairs.second[mask], pairs.units[mask]
                    drawn = derive_seed(seed, "bias", task, metric, stratum)
                    yield Place(
                        variant=variant,
                        task=task,
                        metric=metric,
                        stratum=stratum,
                        goal=goal,
                        found=evidence_of(metric, *values, goal, drawn),
                        flips=flips_of(*values, goal),
                        marks={"pool": pairs.pool, "this draw": variant in draws},
                    )


def _row(place: Place, judged: Judged, rate: float | None, margin: float) -> dict[str, Any]:
    found, worse = place.found.evidence, place.found.worsening
    marks = {"small": judged.small} | place.marks
    return {
        **{key: getattr(place, key) for key in ("variant", "task", "metric", "stratum")},
        "goal": place.goal.words,
        **{"value": found.value, "dense_value": found.against_value},
        **{key: getattr(found, key) for key in ("difference", "low", "high")},
        **dict(zip(("worsening", "worsening_low", "worsening_high"), worse, strict=True)),
        **asdict(place.flips),
        **{"test": place.found.test, "p_value": found.p_value, "q_value": rate},
        **{"margin": margin, "verdict": judged.word, "reason": judged.reason},
        "marks": ", ".join(mark for mark, holds in marks.items() if holds),
        **{"n": found.n, "units": found.units},
    }
