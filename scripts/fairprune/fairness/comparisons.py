"""Every variant against the dense model, and against others: difference, test, verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tqdm import tqdm

from fairprune.fairness.comparing.contests import Arena, Contest, contests_of
from fairprune.fairness.comparing.draws import FEWEST
from fairprune.fairness.comparing.judging import Seen, judge_all
from fairprune.fairness.comparing.places import Place, places_of, pooled_place
from fairprune.fairness.comparing.rules import LEVEL, rules_for
from fairprune.fairness.results import Evaluation
from fairprune.io.variants import DENSE

MARGIN = 0.10


@dataclass(frozen=True)
class Comparison:
    """A variant's metric minus another model's, over the n inputs valid in both.

    `against`: `dense`, or the name under which the variant meets another one. Undefined figures are
    None. `p_holm`: corrected over the primary results of all variants; `q_value`: over all
    exploratory rows that can get a verdict. `margin` is already multiplied by `sensitivity`, the
    instrument's J. `verdict`: a word of `verdicts.WORDS`, None for metrics that cannot have one,
    with its `reason`. `marks`: of `small`, `pool`, `invalid N`, `rests`, `this draw`, by commas.
    `units`: how many independent units the inputs are. `group`: whose share changed most (`shift`).
    `value`, `against_value`: the metric of each model on these inputs.
    """

    variant: str
    against: str
    attribution: str
    metric: str
    stratum: str
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_holm: float | None
    q_value: float | None
    primary: bool
    margin: float | None
    sensitivity: float | None
    verdict: str | None
    reason: str
    marks: str
    n: int
    units: int
    group: str | None
    value: float | None
    against_value: float | None


def compare(
    dense: Evaluation,
    variants: Mapping[str, Evaluation],
    margin: float = MARGIN,
    seed: int = 42,
    *,
    margin_rate: float = MARGIN,
    primary: str = LEVEL,
    against: Mapping[str, Mapping[str, str]] | None = None,
    draws: Mapping[str, tuple[str, int]] | None = None,
) -> list[Comparison]:
    """Compare variants of one model on one task with the model itself.

    The primary result is the level (`primary`) and the direction (`shift`) together, under the
    first attribution, over all inputs: both rows carry one verdict. Everything else is exploratory.

    Args:
        dense: the unpruned model's evaluation.
        variants: name → evaluation, of the same inputs with the same settings.
        margin: in share points: a group may lose at most so much of the summary.
        seed: root seed of resamples and swaps, which depend on the inputs' ids beside it.
        margin_rate: of the rates `bur` and `auc`.
        primary: the metric whose level is the primary result.
        against: name → which variant meets which other one, under that name.
        draws: variant → the name of the variants that differ in the draw of their calibration set
            alone, and its seed. Three or more make one primary result under that name.

    Raises:
        FairpruneError: a variant was evaluated on other inputs or with other settings, or the
            primary metric can have no verdict.
    """
    rules = rules_for(dense, margin, margin_rate, primary)
    arena = Arena.of(dense, seed)
    contests = contests_of(dense, variants, against or {})
    pools = _pools(contests, draws or {})
    places: list[Place] = []
    for contest in tqdm(contests, desc="comparisons", disable=None):
        siblings = pools.get(_pool(contest, draws or {}), [])
        places += places_of(contest, arena, len(siblings))
    places += [
        pooled_place(name, pool, arena, rules)
        for (name, _), pool in pools.items()
        if len(pool) >= FEWEST
    ]
    rows = [_row(place, seen) for place, seen in judge_all(places, rules)]
    order = {name: number for number, name in enumerate([*(n for n, _ in pools), *variants])}
    return sorted(rows, key=lambda row: (order[row.variant], row.against != DENSE, row.against))


def _pool(contest: Contest, draws: Mapping[str, tuple[str, int]]) -> tuple[str, str]:
    return draws.get(contest.variant, ("", 0))[0], contest.against


def _pools(
    contests: Sequence[Contest], draws: Mapping[str, tuple[str, int]]
) -> dict[tuple[str, str], list[Contest]]:
    """Pooled name and whom it meets → the contests of its draws, by seed."""
    found: dict[tuple[str, str], list[Contest]] = {}
    for contest in sorted(contests, key=lambda c: draws.get(c.variant, ("", 0))[1]):
        if contest.variant in draws:
            found.setdefault(_pool(contest, draws), []).append(contest)
    return found


def _row(place: Place, seen: Seen) -> Comparison:
    found = seen.evidence
    return Comparison(
        variant=place.variant,
        against=place.against,
        attribution=place.attribution,
        metric=found.metric,
        stratum=place.stratum,
        difference=found.difference,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
        p_holm=seen.p_holm,
        q_value=seen.q_value,
        primary=seen.primary,
        margin=seen.margin,
        sensitivity=seen.sensitivity,
        verdict=seen.judged.word,
        reason=seen.judged.reason,
        marks=seen.marks,
        n=found.n,
        units=found.units,
        group=found.group,
        value=found.value,
        against_value=found.against_value,
    )
