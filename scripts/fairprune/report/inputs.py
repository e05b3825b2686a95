"""What the input browser shows: opinions, summaries, shares and metrics of single inputs."""

import random
from collections.abc import Iterable
from typing import Any

import numpy as np

from fairprune.fairness.declare import Metric, find_metric, metric_names
from fairprune.fairness.recompute import arrays_of
from fairprune.fairness.results import Evaluation
from fairprune.fairness.shares import Shares
from fairprune.io.cards import verified
from fairprune.io.hashing import derive_seed
from fairprune.io.tables import read_jsonl, read_parquet
from fairprune.report.results import Results, Target
from fairprune.report.sources import sentence_sources
from fairprune.text.languages import ENGLISH

DIGITS = 4


def browser(results: Results, most: int) -> dict[str, Any]:
    """The inputs of every task and what each variant made of them, at most `most` a task.

    Args:
        results: from `find_results`.
        most: inputs a task.

    Returns:
        `tasks`: task → groups and inputs; `outputs`: variant → task → summaries, opinions seen,
        the opinion that each sentence is nearest to, shares, metrics and the sentences' shares
        (`marks`) by attribution, all in the order of the inputs, of several samples the first
        summary and the means of shares and metrics; `metrics`: those that a single
        input has; `total`: task → how many inputs there are.
    """
    tasks: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    total: dict[str, int] = {}
    for target, evaluation in results.evaluations.items():
        summaries, task = results.summaries(target), results.task(target.task)
        if not (summaries.is_file() and task.is_file()):
            continue
        if target.task not in tasks:
            rows = read_parquet(verified(task))
            total[target.task] = len(rows)
            tasks[target.task] = _task(_sample(rows, most), evaluation)
        found = _output(target, read_jsonl(verified(summaries)), evaluation, tasks[target.task])
        outputs.setdefault(str(target.variant), {})[target.task] = found
    for name, task in tasks.items():
        every = [found[name] for found in outputs.values() if name in found]
        add_sentences(every, task["inputs"], task.pop("language"))
    metrics = [name for name in metric_names() if _single(find_metric(name))]
    return {"tasks": tasks, "outputs": outputs, "metrics": metrics, "total": total}


def _sample(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most so many rows, drawn at random, always the same ones, in their order."""
    if len(rows) <= most:
        return rows
    drawn = random.Random(derive_seed(0, "browser")).sample(range(len(rows)), most)
    return [rows[number] for number in sorted(drawn)]


def _task(rows: list[dict[str, Any]], evaluation: Evaluation) -> dict[str, Any]:
    number = {group: k for k, group in enumerate(evaluation.groups)}
    stratum = {entry.id: entry.stratum for entry in evaluation.inputs}
    return {
        "groups": list(evaluation.groups),
        "language": evaluation.settings.get("language") or ENGLISH,
        "inputs": [
            {
                "id": row["id"],
                "mix": row.get("mix") or stratum.get(row["id"]) or "",
                "opinions": [
                    [number.get(label, -1), text]
                    for text, label in zip(row["opinions"], row["labels"], strict=True)
                ],
                "references": row.get("references") or [],
            }
            for row in rows
        ],
    }


def _output(
    target: Target, summaries: list[dict[str, Any]], evaluation: Evaluation, task: dict[str, Any]
) -> dict[str, Any]:
    samples = evaluation.samples
    written = {row["id"]: row for row in reversed(summaries)}  # of several samples the first
    rows = {entry.id: i for i, entry in enumerate(evaluation.inputs)}
    kept = [entry["id"] for entry in task["inputs"]]
    texts = [written.get(name, {}).get("summary", "") for name in kept]
    seen = [
        written.get(entry["id"], {}).get("opinions_seen", len(entry["opinions"]))
        for entry in task["inputs"]
    ]
    found: dict[str, Any] = {
        "summaries": texts,
        "seen": seen,
        "samples": samples,
        "shares": {},
        "values": {},
    }
    found["marks"] = {
        attribution: [marks[rows[name] * samples] if name in rows else [] for name in kept]
        for attribution, marks in evaluation.sentences.items()
    }
    for attribution in dict.fromkeys(share.attribution for share in evaluation.shares):
        shares = arrays_of(evaluation, attribution, "shares")
        p, q = shares.by_input(shares.p), shares.by_input(shares.q)
        numbers = [rows.get(name) for name in kept]
        found["shares"][attribution] = [None if i is None else _held(p[i], q[i]) for i in numbers]
        found["values"][attribution] = {
            metric: _numbers([np.nan if i is None else values[i] for i in numbers])
            for metric, values in _values(shares).items()
        }
    return found


def add_sentences(
    outputs: list[dict[str, Any]], inputs: list[dict[str, Any]], language: str
) -> None:
    """Add `sentences` to every output of one task: per input, see `sentence_sources`.

    All outputs of an input are looked at together, since its opinions are weighed once.
    """
    for output in outputs:
        output["sentences"] = [[] for _ in inputs]
    for number, entry in enumerate(inputs):
        for count in sorted({output["seen"][number] for output in outputs}):
            same = [output for output in outputs if output["seen"][number] == count]
            opinions = [opinion for _, opinion in entry["opinions"][:count]]
            texts = [output["summaries"][number] for output in same]
            for output, found in zip(
                same, sentence_sources(texts, opinions, language), strict=True
            ):
                output["sentences"][number] = found


def _values(shares: Shares) -> dict[str, np.ndarray]:
    """Metric → its value for each single input, NaN where it has none."""
    found = {}
    for name in metric_names():
        metric = find_metric(name)
        if _single(metric) and metric.defined(shares):
            terms = metric.terms(shares)
            counted = terms.denominator[:, 0] > 0
            found[name] = np.where(counted, terms.numerator[:, 0], np.nan)
    return found


def _single(metric: Metric) -> bool:
    """Whether a metric is a plain mean over inputs, so that each input has a value of its own."""
    if metric.needs != "shares":
        return False
    half = np.full((1, 2), 0.5)
    chance = {metric.base: half}
    terms = metric.terms(Shares(half, half, np.array([-1]), (0, 1), chance=chance))
    return metric.alone and terms.numerator.shape[1] == 1 and terms.size is None


def _held(p: Iterable[float], q: Iterable[float]) -> dict[str, Any] | None:
    """The groups' shares in an input and in its summary; None of an input of one group."""
    known = _numbers(p)
    return None if known is None else {"p": known, "q": _numbers(q)}


def _numbers(values: Iterable[float]) -> list[float | None] | None:
    """Rounded numbers, None for NaN; None altogether where all are NaN."""
    found = [None if np.isnan(v) else round(float(v), DIGITS) + 0.0 for v in values]
    return found if any(v is not None for v in found) else None
