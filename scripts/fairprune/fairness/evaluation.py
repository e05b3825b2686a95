"""The fairness of one set of summaries: attributions, metrics, strata, intervals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fairprune.fairness import inference
from fairprune.fairness.clusters import connected, resampling_units
from fairprune.fairness.declare import Attribution, Attributions, Context
from fairprune.fairness.figures import figures_of, number
from fairprune.fairness.inputs import Attributed, Item, examples_of, match
from fairprune.fairness.results import (
    Evaluation,
    Input,
    Share,
    coverage_of,
    shares_of,
)
from fairprune.fairness.settings import Settings, check_needs, checked_pair, read_settings
from fairprune.fairness.strata import masks, mix, stratum, stratum_names
from fairprune.io.hashing import derive_seed
from fairprune.quality.validity import Validity, validity


def evaluate(
    inputs: Iterable[Any],
    summaries: Iterable[Any] | Mapping[str, str],
    *,
    attributions: Sequence[str] | None = None,
    train: Iterable[Any] = (),
    pair: tuple[str, str] | None = None,
    tau: float = 0.8,
    ignore: Sequence[str] = (),
    options: Mapping[str, Any] | None = None,
    device: str = "auto",
    seed: int = 42,
) -> Evaluation:
    """How fair summaries are to the groups whose opinions they sum up.

    Args:
        inputs: rows with `id, opinions, labels` [, `mix`], as mappings or objects.
        summaries: rows with `id, summary` [, `opinions_seen`], or id → summary, of exactly these
            inputs, or texts in their order.
        attributions: names; by default `tokens`, and `classifier` too where `train` is given.
        train: rows as `inputs`, from outside them, for the embedded classifier; opinions that
            also stand in the inputs are left out.
        pair: groups A and B of SPD; by default the two groups, sorted, where there are two;
            with more groups and no pair SPD is undefined.
        tau: the share of p that q must reach, for BUR.
        ignore: labels that are no group (neutral).
        options: `PART.NAME` → value, of attributions and metrics (`tokens.source_share`).
        device: `auto`, `cpu` or `cuda`, for attributions with a model.
        seed: root seed of the bootstrap; the resamples also depend on the inputs' ids, and on
            nothing else.

    Raises:
        FairpruneError: a mistake in what was given, before anything is computed.
    """
    train = list(train)
    names = list(attributions or (["tokens", "classifier"] if train else ["tokens"]))
    settings = read_settings(names, {"bur.tau": tau, **(options or {})})
    check_needs(settings, bool(train))
    items = match(inputs, summaries, ignore)
    examples = examples_of(train, items, ignore)
    groups = tuple(sorted({group for item in items for group in item.groups}))
    labels = {*groups, *(group for _, group in examples)}
    pair = checked_pair(pair, labels, groups)

    units = resampling_units([item.opinions for item in items])
    described = [
        Input(item.id, stratum(item), int(unit)) for item, unit in zip(items, units, strict=True)
    ]
    judged = [validity(item.summary) for item in items]
    # What is no summary is attributed as an empty one: p is known, q is not.
    sound = [
        item if judge.valid else replace(item, summary="")
        for item, judge in zip(items, judged, strict=True)
    ]
    counts = inference.resample_counts(
        units, derive_seed(seed, "bootstrap", *(item.id for item in items))
    )
    result = Evaluation(
        groups=groups,
        figures=[],
        shares=[],
        inputs=described,
        settings={
            "pair": list(pair) if pair else None,
            "ignore": sorted(ignore),
            "options": settings.chosen(),
            "seed": seed,
            "resamples": inference.RESAMPLES,
        },
        counts=_counts(items, described, judged),
        attributions={},
        labels=[item.labels for item in items],
    )
    context = Context((*sorted(labels),), examples, device)
    for method, chosen in settings.attributions:
        found = method.find(sound, context, **chosen)
        _add(result, method, found, sound, settings, counts)
    return result


def _counts(
    items: Sequence[Item], described: Sequence[Input], judged: Sequence[Validity]
) -> dict[str, int]:
    """How many of each; `units` are `clusters` of connected inputs, or inputs (see `clusters`)."""
    return {
        "inputs": len(items),
        "one_group": sum(entry.stratum is None for entry in described),
        "clusters": len(set(connected([item.opinions for item in items]).tolist())),
        "units": len({entry.unit for entry in described}),
        "opinions_dropped": sum(item.opinions_dropped for item in items),
        "empty": sum(judge.empty for judge in judged),
        "short": sum(judge.short for judge in judged),
        "repeated": sum(judge.repeated for judge in judged),
    }


def _add(
    result: Evaluation,
    method: Attribution,
    found: Attributions,
    items: Sequence[Item],
    settings: Settings,
    counts: np.ndarray,
) -> None:
    """Put one attribution's shares, coverage and figures into the result."""
    given = {}
    if "shares" in method.gives:
        rows = list(_shares(method.name, items, found.rows))
        result.shares.extend(rows)
        given["shares"] = shares_of(rows, result.inputs, result.groups, result.settings["pair"])
    if "coverage" in method.gives:
        coverage = [row.coverage for row in found.rows]
        result.coverage[method.name] = coverage
        given["coverage"] = coverage_of(coverage, result.labels, result.inputs, result.groups)
    if any(row.sentences for row in found.rows):
        result.sentences[method.name] = [_by_sentence(row, result.groups) for row in found.rows]
    valid = np.array([_valid(method, row) for row in found.rows])
    sound = np.array([bool(item.summary) for item in items])
    lost = [row.unattributed for row, ok in zip(found.rows, sound, strict=True) if ok]
    result.attributions[method.name] = {
        "valid": int(valid.sum()),
        "unattributable": int((sound & ~valid).sum()),
        "unattributed_share": number(np.mean(lost)) if lost else None,
        **found.figures,
    }
    strata = [entry.stratum for entry in result.inputs]
    missing = (masks(strata, stratum_names(result.groups)) & ~valid).sum(axis=1)
    for metric, chosen in settings.metrics:
        if metric.needs in given:
            arrays = given[metric.needs]
            figures = figures_of(metric, chosen, arrays, result.inputs, result.groups, counts)
            result.figures.extend(
                replace(figure, attribution=method.name, n_invalid=int(n))
                for figure, n in zip(figures, missing, strict=True)
            )


def _shares(name: str, items: Sequence[Item], rows: Sequence[Attributed]) -> Iterator[Share]:
    for item, row in zip(items, rows, strict=True):
        for group in item.groups:
            yield Share(
                id=item.id,
                mix=item.mix or mix(item),
                attribution=name,
                group=group,
                p=row.p[group] if row.p else None,
                q=row.q[group] if row.q else None,
                valid=row.q is not None,
            )


def _by_sentence(row: Attributed, groups: Sequence[str]) -> list[list[float] | None]:
    return [
        None if shares is None else [round(shares.get(group, 0.0), 2) for group in groups]
        for shares in row.sentences
    ]


def _valid(method: Attribution, row: Attributed) -> bool:
    return (row.q if "shares" in method.gives else row.coverage) is not None
