"""Rows of what a variant is, whatever the task: its language ability and its layers."""

from fairprune.io.cards import card_of, read_card
from fairprune.io.variants import Variant
from fairprune.report.results import Results, Target
from fairprune.report.rows import VARIANT, Row, field, named

LANGUAGE = (
    *(*VARIANT, "kind", "name", "metric", "window", "beginning"),
    *("value", "stderr", "n", "calibrated_on"),
)
PRUNING = (*VARIANT, "layer", "rows", "columns", "weights", "pruned", "actual_sparsity")


def language_rows(results: Results) -> list[Row]:
    """One row a variant × corpus (perplexity) or zero-shot task and metric.

    `n` is the number of tokens of a corpus that were predicted, or of examples of a task.
    `beginning` says which windows of a corpus begin with the beginning token, without which
    perplexities cannot be compared. `calibrated_on` is set where the variant was calibrated on
    that very text, of which its perplexity then says little.
    """
    rows = []
    for target in results.language:
        rows += [
            {
                **named(target.variant),
                **{"kind": "perplexity", "name": p["corpus"], "metric": "perplexity"},
                **{"window": p["window"], "beginning": p.get("beginning")},
                **{"value": p["perplexity"], "n": p.get("scored")},
                "calibrated_on": _calibrated_on(results, target, p["corpus"]) or None,
            }
            for p in field(target, "perplexity")
        ]
        rows += [
            {
                **named(target.variant),
                **{"kind": "zero_shot", "name": z["task"]},
                **{k: z.get(k) for k in ("metric", "value", "stderr", "n")},
            }
            for z in field(target, "zero_shot")
        ]
    return rows


def _calibrated_on(results: Results, target: Target, corpus: str) -> bool:
    """Whether a variant's calibration set was cut from a corpus, by what the cards say."""
    made_for = f"{target.variant.model}/{target.variant.calibration}.safetensors"
    calibration = card_of(results.folder / "calibration" / made_for, files=False)
    language = card_of(target.path, files=False)
    text = language and language["inputs"].get(f"corpus {corpus}")
    return bool(calibration and text and calibration["inputs"].get("texts") == text)


def pruning_rows(results: Results) -> list[Row]:
    """One row a variant × layer: how many weights are pruned; of a compressed model, are zeros."""
    rows = []
    for target in results.pruned:
        figures = read_card(target.path, files=False)["figures"]
        for layer, found in figures.get("layers", {}).items():
            rows.append({**named(target.variant), "layer": layer, **_layer(found)})
    return rows


def zero_shares(results: Results) -> dict[Variant, float]:
    """The share of zeros in the layers of each compressed model, whose name does not say it."""
    return {
        target.variant: read_card(target.path, files=False)["figures"]["sparsity"]
        for target in results.pruned
        if target.variant.given
    }


def _layer(found: Row) -> Row:
    counts = {k: found.get(k) for k in ("rows", "columns", "weights", "pruned")}
    return {**counts, "actual_sparsity": found.get("sparsity")}
