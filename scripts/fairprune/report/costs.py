"""What each variant takes: weights, memory, disk, and its speed as it was measured."""

from typing import Any

from fairprune.io.cards import card_path, read_card
from fairprune.io.variants import Variant
from fairprune.report.results import Results
from fairprune.report.rows import VARIANT, Row, named

COSTS = (
    *VARIANT,
    *("actual_sparsity", "parameters", "memory_mb", "disk_mb", "kept_mb"),
    *("bits_per_weight", "tokens_per_second", "measured_on"),
)
MEGABYTE = 1e6


def cost_rows(results: Results) -> list[Row]:
    """One row a variant: the one table that differs from run to run, by its speed.

    `actual_sparsity` is the share of the weights of linear layers that really went, or are zeros;
    `memory_mb` what the loaded model takes, `disk_mb` as an exported folder, `kept_mb` what is
    stored of it beside the unpruned model. A compressed model has the parameters, the bytes on disk
    and the `bits_per_weight` that its card says. Speed is that of generating summaries, where there
    are any, else of reading corpora.
    """
    pruned = {target.variant: read_card(target.path.parent) for target in results.pruned}
    rows = []
    for variant in results.variants:
        found = _measured(results, variant)
        row = {**named(variant), "measured_on": found.pop("on", None)}
        if variant in pruned:
            card = pruned[variant]
            row["actual_sparsity"] = card["figures"].get("sparsity")
            row["kept_mb"] = sum(file["size"] for file in card["files"].values()) / MEGABYTE
        if found:
            row["parameters"] = found["parameters"]
            row["memory_mb"] = found["memory_bytes"] / MEGABYTE
            row["disk_mb"] = found["disk_bytes"] / MEGABYTE
            if found.get("seconds"):
                row["tokens_per_second"] = found["tokens"] / found["seconds"]
        if variant.given and variant in pruned:
            row |= _as_it_is(pruned[variant]["figures"])
        rows.append(row)
    return rows


def _as_it_is(figures: dict[str, Any]) -> Row:
    """What a compressed model takes, which loading it may have unpacked."""
    return {
        "parameters": figures["parameters"],
        "disk_mb": figures["disk_bytes"] / MEGABYTE,
        "bits_per_weight": figures["bits_per_weight"],
    }


def _measured(results: Results, variant: Variant) -> dict[str, Any]:
    """What the cards of summaries, else of language ability, say; nothing without any."""
    summaries = sorted((results.folder / "summaries" / str(variant)).glob("*/test.jsonl"))
    language = [target.path for target in results.language if target.variant == variant]
    for kind, targets in (("summaries", summaries), ("corpora", language)):
        for target in targets:
            if card_path(target).is_file():
                cost = read_card(target)["figures"].get("cost")
                if cost:
                    return {**cost, "on": kind}
    return {}
