"""The chance of every metric in every input: what its fair writer gets on average."""

from collections.abc import Sequence

import numpy as np

from fairprune.fairness.attributed import Attributed
from fairprune.fairness.inputs import Item
from fairprune.fairness.settings import Settings
from fairprune.fairness.writer import fair_shares

OF_GROUPS = "sof"  # its chance is each group's expected loss
FEWEST_OF_GROUPS = 3  # two fair shares are as likely to lose


def chances(item: Item, row: Attributed, settings: Settings) -> dict[str, dict[str, float]]:
    """Metric → group → the mean of the metric over the draws of a fair writer (`writer`).

    Metrics of single inputs have the same value for every group. Empty where there is no chance:
    under attributions without it, without a valid summary, and with fewer than two groups.
    """
    if row.writing is None or row.q is None or row.p is None or len(item.groups) < 2:
        return {}
    drawn = fair_shares(row.writing, item.id)
    p = np.array([row.p[group] for group in item.groups])
    found = {
        metric.name: dict.fromkeys(item.groups, float(metric.each(p, drawn, **options).mean()))
        for metric, options in settings.metrics
        if metric.each
    }
    if len(item.groups) >= FEWEST_OF_GROUPS:
        lost = np.maximum(p - drawn, 0).mean(axis=0)
        found[OF_GROUPS] = dict(zip(item.groups, lost.tolist(), strict=True))
    return found


def with_chance(rows: Sequence[Attributed], settings: Settings, groups: Sequence[str]) -> list[str]:
    """The metrics that have a chance under an attribution, whether or not a summary is valid."""
    if all(row.writing is None for row in rows):
        return []
    names = [metric.name for metric, _ in settings.metrics if metric.each]
    return names + ([OF_GROUPS] if len(groups) >= FEWEST_OF_GROUPS else [])
