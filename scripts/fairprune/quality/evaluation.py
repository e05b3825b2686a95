"""The quality of one set of summaries: per input, and over inputs with intervals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fairprune.fairness import inference
from fairprune.fairness.clusters import units_of
from fairprune.fairness.figures import number
from fairprune.fairness.inputs import first_samples, match
from fairprune.fairness.shares import Terms
from fairprune.io.hashing import derive_seed
from fairprune.quality.bertscore import BertScore
from fairprune.quality.copying import copying
from fairprune.quality.diversity import distinct
from fairprune.quality.length import compression, length
from fairprune.quality.position import UNIFORM, position
from fairprune.quality.rouge import KINDS, rouge
from fairprune.text.languages import ENGLISH, spoken
from fairprune.text.validity import taken, validity

MEASURES = (
    *KINDS,
    *("compression", "copied", "longest_copy", "position", "position_bias", "distinct2", "length"),
)
JUDGEMENTS = ("validity", "empty", "short", "repeated", "invented", "unattributable")


@dataclass(frozen=True)
class Quality:
    """What was found: `rows`, one an input; `figures`, one a measure; `encoder`, if one judged.

    Of an input with several samples the row holds means.

    `language`: of the texts.
    """

    rows: list[dict[str, Any]]
    figures: list[dict[str, Any]]
    language: str
    encoder: dict[str, Any] | None = None


def measure(
    summary: str, opinions: Sequence[str], references: Sequence[str], language: str = ENGLISH
) -> dict[str, Any]:
    """Every measure of one summary; None where it is undefined.

    `unattributable`: valid in itself, and no content token of it stands in the input.
    """
    judged = validity(summary, opinions, language)
    lost = judged.valid and not taken(summary, opinions, language)[0]
    copied, longest = copying(summary, opinions, language)
    place = position(summary, opinions, language) if judged.valid else None
    return {
        **(rouge(summary, references, language) or dict.fromkeys(KINDS)),
        "compression": compression(summary, opinions, language),
        "copied": copied,
        "longest_copy": float(longest),
        "position": place,
        "position_bias": None if place is None else place - UNIFORM,
        "distinct2": distinct(summary, 2, language),
        "length": float(length(summary, language)),
        "validity": float(judged.valid and not lost),
        "empty": float(judged.empty),
        "short": float(judged.short),
        "repeated": float(judged.repeated),
        "invented": float(judged.invented),
        "unattributable": float(lost),
    }


def evaluate_quality(
    inputs: Iterable[Any],
    summaries: Iterable[Any] | Mapping[str, str | Sequence[str]],
    seed: int = 42,
    bertscore: BertScore | None = None,
    language: str | None = None,
) -> Quality:
    """How good summaries are as summaries.

    Args:
        inputs: rows with `id, opinions, labels` [, `references`].
        summaries: rows with `id, summary` [, `opinions_seen`, `sample`], or id → summary or
            summaries, of these inputs.
        seed: root seed of the bootstrap (the same resamples as for fairness).
        bertscore: the encoder of the measure `bertscore`; without one it is left out.
        language: of the texts, a code of ISO 639; by default as their script tells.

    Every summary counts, broken ones too: `validity` says how many are whole. Intervals are
    95 % bootstrap intervals over inputs, of the judgements (shares of summaries) Wilson's, where
    an input has one summary.

    Raises:
        FairpruneError: a mistake in what was given.
    """
    inputs = list(inputs)
    references = {row["id"]: row.get("references") or [] for row in map(_fields, inputs)}
    items = match(inputs, summaries)
    tongue = spoken(language, (text for item in items for text in item.opinions))
    rows = [
        {"id": item.id, **measure(item.summary, item.opinions, references[item.id], tongue)}
        for item in items
    ]
    measures, encoder = [*MEASURES], None
    if bertscore:
        measures.append("bertscore")
        score, encoder = bertscore.load()
        for row, item in zip(rows, items, strict=True):
            row["bertscore"] = score(item.summary, references[item.id])
    firsts = first_samples(items)
    samples = len(items) // len(firsts)
    rows = [_mean(rows[at : at + samples]) for at in range(0, len(rows), samples)]
    units = units_of([item.opinions for item in firsts]).numbers
    drawn = derive_seed(seed, "bootstrap", *(item.id for item in firsts))
    counts = inference.resample_counts(units, drawn)
    figures = []
    for name in (*measures, *JUDGEMENTS):
        values = np.array([row[name] for row in rows], dtype=float)
        wilson = name in JUDGEMENTS and (samples == 1 or inference.all_or_none(values))
        figures.append({"metric": name, **_figure(values, units, counts, wilson)})
    return Quality(rows, figures, tongue, encoder)


def _mean(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The means of an input's samples, each over those in which a measure is defined."""
    if len(rows) == 1:
        return dict(rows[0])
    found: dict[str, Any] = {"id": rows[0]["id"]}
    for name in rows[0].keys() - {"id"}:
        known = [row[name] for row in rows if row[name] is not None]
        found[name] = sum(known) / len(known) if known else None
    return found


def _figure(
    values: np.ndarray, units: np.ndarray, counts: np.ndarray, wilson: bool
) -> dict[str, float | int | None]:
    terms = Terms.of(values)
    used = inference.counted(terms)
    if wilson:
        low, high = inference.wilson(values[used], units[used])
    else:
        low, high = inference.interval(terms, counts, units)
    bounds = {"value": number(terms.value()), "low": number(low), "high": number(high)}
    return {**bounds, "n": int(used.sum())}


def _fields(row: Any) -> dict[str, Any]:
    return dict(row) if isinstance(row, Mapping) else dict(vars(row))
