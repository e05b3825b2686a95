"""What one attribution found, as the shares and figures of an evaluation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fairprune.fairness.attributed import Attributed
from fairprune.fairness.chance import chances, with_chance
from fairprune.fairness.declare import Attribution, Attributions
from fairprune.fairness.figures import figures_of, group_shares, number
from fairprune.fairness.inputs import Item
from fairprune.fairness.recompute import arrays_of
from fairprune.fairness.results import Evaluation, Share
from fairprune.fairness.sensitivity import sensitivity
from fairprune.fairness.settings import Settings
from fairprune.fairness.strata import mix
from fairprune.present import present
from fairprune.text.languages import missing


@dataclass(frozen=True)
class Measured:
    """What every attribution's figures are computed from, beside itself.

    `items`: summary by summary; `quoted_share`: see `sensitivity`; `counts`: the resamples × n.
    """

    items: Sequence[Item]
    settings: Settings
    quoted_share: float
    counts: np.ndarray


def add(result: Evaluation, method: Attribution, found: Attributions, of: Measured) -> None:
    """Put one attribution's shares, coverage and figures into the result."""
    items, rows, samples = of.items, found.rows, result.samples
    valid = np.array([_valid(method, row) for row in rows])
    sound = np.array([bool(item.summary) for item in items])
    countable = np.array([entry.stratum is not None for entry in result.inputs])
    countable = np.repeat(countable, samples)
    lost = [row.unattributed for row, ok in zip(rows, sound, strict=True) if ok]
    result.attributions[method.name] = {
        "valid": int(valid.sum()),
        "validity": number(valid[countable].mean()) if countable.any() else None,
        "unattributable": int((sound & ~valid).sum()),
        "unattributed_share": number(np.mean(lost)) if lost else None,
        **found.figures,
        "without": missing(result.settings["language"]),
    }
    if any(row.sentences for row in rows):
        result.sentences[method.name] = [_by_sentence(row, result.groups) for row in rows]
    given = {}
    if "coverage" in method.gives:
        result.coverage[method.name] = [row.coverage for row in rows]
        given["coverage"] = arrays_of(result, method.name, "coverage")
    if "shares" in method.gives:
        shares = list(_shares(method.name, of, rows))
        result.shares.extend(shares)
        chance = with_chance(rows, of.settings, result.groups)
        result.attributions[method.name]["chance"] = chance
        given["shares"] = arrays_of(result, method.name, "shares")
        seen = sensitivity(items[::samples], rows[::samples], of.quoted_share)
        result.attributions[method.name]["sensitivity"] = seen
        label_shares = [item.label_shares() for item in items[::samples]]
        result.group_shares.extend(
            group_shares(method.name, given["shares"], label_shares, seen, result, of.counts)
        )
    for metric, chosen in of.settings.metrics:
        if metric.alone and metric.needs in given and metric.defined(given[metric.needs]):
            figures = figures_of(
                metric,
                chosen,
                given[metric.needs],
                result.inputs,
                result.groups,
                of.counts,
                np.any(valid.reshape(-1, samples), axis=1),
            )
            result.figures.extend(replace(figure, attribution=method.name) for figure in figures)


def _shares(name: str, of: Measured, rows: Sequence[Attributed]) -> Iterator[Share]:
    for item, row in zip(of.items, rows, strict=True):
        chance = chances(item, row, of.settings)
        valid = row.p is not None and row.q is not None
        for group in item.groups:
            yield Share(
                id=item.id,
                mix=item.mix or mix(item),
                attribution=name,
                group=group,
                p=row.p[group] if row.p else None,
                q=present(row.q)[group] if valid else None,
                valid=valid,
                chance={metric: number(of[group]) for metric, of in chance.items()},
                sample=item.sample,
            )


def _by_sentence(row: Attributed, groups: Sequence[str]) -> list[list[float] | None]:
    return [
        None if shares is None else [round(shares.get(group, 0.0), 2) for group in groups]
        for shares in row.sentences
    ]


def _valid(method: Attribution, row: Attributed) -> bool:
    if "shares" in method.gives:
        return row.q is not None and row.p is not None
    return row.coverage is not None
