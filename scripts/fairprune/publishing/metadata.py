"""The metadata at the head of a model card: what the hub shows and searches by."""

from collections.abc import Iterator
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from fairprune.publishing.base import Base
from fairprune.publishing.findings import Findings
from fairprune.report.names import QUALITY, fairness_metric
from fairprune.report.rows import Row, named

TASK = "text-generation"


def metadata(base: Base, method: dict[str, Any] | None, name: str, found: Findings | None) -> str:
    """That of a pruned model, as YAML.

    Args:
        base: the model that was pruned.
        method: parameters of the pruning; None: it was not pruned, or nobody knows how.
        name: what the model is called where its figures are listed.
        found: what a run has found of it; None: no figures.
    """
    pattern = method and method["pattern"]
    tags = ["fairprune", "pruned", "sparse"] if method else ["fairprune"]
    tags += [method["method"]] if method else []
    tags += [pattern] if pattern and pattern != "unstructured" else []
    results = list(figures(found)) if found else []
    more: dict[str, Any] = {"model_name": name, "eval_results": results} if results else {}
    data = ModelCardData(
        base_model=base.hub_id,
        library_name="transformers",
        pipeline_tag=TASK,
        tags=tags,
        **(more | base.licence),
    )
    return data.to_yaml()


def figures(found: Findings) -> Iterator[EvalResult]:
    """The variant's perplexities, zero-shot scores, quality and primary fairness."""
    for row in _own(found, found.language):
        if row["kind"] == "perplexity":
            window = {"window": row["window"], "beginning": row["beginning"]}
            yield _result(TASK, row["name"], "perplexity", "perplexity", row, window)
        else:
            yield _result(TASK, row["name"], row["metric"], row["metric"], row)
    for row in _own(found, found.quality):
        if row["metric"] in QUALITY:
            yield _result("summarization", row["task"], row["metric"], QUALITY[row["metric"]], row)
    for row in _own(found, found.fairness):
        about = {"attribution": row["attribution"]}
        label = f"{fairness_metric(row['metric']).short} (lower is fairer)"
        yield _result("summarization", row["task"], row["metric"], label, row, about)


def _own(found: Findings, rows: list[Row]) -> list[Row]:
    mine = named(found.variant).items()
    return [row for row in rows if mine <= row.items() and row.get("value") is not None]


def _result(
    task: str, data: str, metric: str, label: str, row: Row, about: dict[str, Any] | None = None
) -> EvalResult:
    return EvalResult(
        task_type=task,
        dataset_type=data,
        dataset_name=data,
        metric_type=metric,
        metric_name=label,
        metric_value=round(float(row["value"]), 6),
        metric_args=about,
    )
