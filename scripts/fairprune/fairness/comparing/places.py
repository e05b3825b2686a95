"""The evidence of one contest, or of several draws, attribution by attribution."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fairprune.fairness.comparing.contests import Arena, Contest, arrays, common
from fairprune.fairness.comparing.draws import FEWEST, pooled_evidence
from fairprune.fairness.comparing.evidence import Evidence, Pair, evidence_of
from fairprune.fairness.comparing.missing import VALID_SHARE, filled, left_out, validity
from fairprune.fairness.comparing.rules import DIRECTION, LEVEL, TWIN, Rules
from fairprune.fairness.recompute import metrics_of
from fairprune.fairness.sensitivity import refusal
from fairprune.fairness.shares import Shares
from fairprune.fairness.strata import ALL
from fairprune.io.variants import DENSE
from fairprune.text.validity import remedy

ByStratum = dict[str, dict[str, Evidence]]  # stratum → metric → its evidence


@dataclass(frozen=True)
class Place:
    """The evidence of one variant against one other model, under one attribution, in one stratum.

    `refusal`: why there can be no verdict, if so. `missing`: how many inputs of the variant are
    left out. `draw`: whether it is one of several draws. `pooled`: whether the draws' results stand
    in its place as primary ones. `alternatives`: the evidence with the missing summaries at their
    worst and best.
    """

    variant: str
    against: str
    attribution: str
    stratum: str
    evidence: Mapping[str, Evidence]
    refusal: str | None = None
    missing: int = 0
    draw: bool = False
    pooled: bool = False
    alternatives: Sequence[Mapping[str, Evidence]] = field(default=(), repr=False)

    def primary(self, rules: Rules) -> bool:
        """Whether the primary result stands here."""
        here = (self.attribution, self.stratum) == (rules.attribution, ALL)
        return here and not self.pooled


def places_of(contest: Contest, arena: Arena, siblings: int) -> Iterator[Place]:
    """One contest, attribution by attribution and stratum by stratum.

    Args:
        siblings: how many draws the variant is one of.
    """
    for attribution in arena.dense.attributions:
        found: ByStratum = {name: {} for name, _ in arena.strata()}
        for kind in ("shares", "coverage"):
            for pair in common([contest], attribution, kind):
                _add(found, _evidence(contest, arena, attribution, kind, pair))
        others = [
            _evidence(contest, arena, attribution, "shares", pair)
            for pair in filled(contest, attribution)
        ]
        why = refused(contest, arena, attribution)
        for stratum, evidence in found.items():
            yield Place(
                variant=contest.variant,
                against=contest.against,
                attribution=attribution,
                stratum=stratum,
                evidence=evidence,
                refusal=why,
                missing=left_out(contest.second, attribution),
                draw=siblings > 1,
                pooled=siblings >= FEWEST,
                alternatives=[other[stratum] for other in others],
            )


def pooled_place(name: str, pool: Sequence[Contest], arena: Arena, rules: Rules) -> Place:
    """The primary result of several draws together."""
    attribution = rules.attribution
    why = (refused(contest, arena, attribution) for contest in pool)
    names = dict.fromkeys((rules.primary, DIRECTION, *((TWIN,) if rules.primary == LEVEL else ())))
    known = metrics_of(arena.dense, attribution)
    chosen = {metric.name: (metric, options) for metric, options in known}
    return Place(
        variant=name,
        against=pool[0].against,
        attribution=attribution,
        stratum=ALL,
        evidence={n: pooled_evidence(pool, arena, attribution, *chosen[n]) for n in names},
        refusal=next((reason for reason in why if reason), None),
        missing=max(left_out(contest.second, attribution) for contest in pool),
    )


def refused(contest: Contest, arena: Arena, attribution: str) -> str | None:
    """Why there can be no verdict under an attribution, in words; None if there can.

    A broken model makes broken variants: what it is compared with is named first.
    """
    other = "the dense model's" if contest.against == DENSE else f"{contest.against}'s"
    for evaluation, whose in ((contest.first, other), (contest.second, "the variant's")):
        share = validity(evaluation, attribution)
        if share is not None and share < VALID_SHARE:
            advice = remedy(evaluation.counts) if evaluation is arena.dense else None
            said = f"only {100 * share:.3g}% of {whose} summaries are valid"
            return f"{said}; {advice}" if advice else said
    if arrays(contest.first, attribution, "shares") is None:
        return None
    return refusal(arena.dense.attributions[attribution].get("sensitivity"))


def _evidence(
    contest: Contest, arena: Arena, attribution: str, kind: str, pair: tuple[Shares, Shares]
) -> ByStratum:
    metrics = [
        (metric, options)
        for metric, options in metrics_of(arena.dense, attribution)
        if metric.needs == kind and all(metric.defined(shares) for shares in pair)
    ]
    texts = zip(contest.first.texts, contest.second.texts, strict=True)
    same = np.array([one == other for one, other in texts], dtype=bool)
    same = same if len(same) else np.zeros(len(arena.units), dtype=bool)
    both = Pair(*pair, arena.dense.groups, arena.units, arena.counts, same, arena.swaps)
    return {
        stratum: {found.metric: found for found in evidence_of(both, metrics, mask)}
        for stratum, mask in arena.strata()
    }


def _add(found: ByStratum, more: ByStratum) -> None:
    for stratum, evidence in more.items():
        found[stratum] |= evidence
