"""What a model got on each item of its tasks: rows, their file, and what they are compared by."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, isnan
from numbers import Real
from pathlib import Path
from typing import Any

import pyarrow as pa

from fairprune.errors import FairpruneError, unknown
from fairprune.io.opened import Opened, open_input
from fairprune.io.places import items_file
from fairprune.io.tables import read_json, read_parquet, write_parquet

SCHEMA = pa.schema(
    [
        ("task", pa.string()),
        ("metric", pa.string()),
        ("item", pa.int64()),
        ("hash", pa.string()),
        ("unit", pa.string()),
        ("stratum", pa.string()),
        ("value", pa.float64()),
    ]
)
COLUMNS = ("unit", "stratum")  # of a task's metadata: they name columns of its data
HASH = 16  # letters of the item's digest: enough to see that two items are one


def write_items(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows of `item_rows` as Parquet."""
    write_parquet(path, list(rows), SCHEMA)


@dataclass(frozen=True)
class ItemsFile:
    """The rows of a variant's items, and the JSON that they stand beside."""

    source: Opened
    variant: str
    rows: Sequence[Mapping[str, Any]]


def read_items(language: Path) -> ItemsFile:
    """The items beside a JSON file of `evaluate_language`.

    Raises:
        FairpruneError: a file is missing, has changed since its card, or is no such file.
    """
    source = open_input(language.with_suffix(".json"))
    content, rows = read_json(source.path), read_parquet(items_file(source.path))
    known = isinstance(content, dict) and isinstance(content.get("variant"), str)
    if not known or any(row.keys() != set(SCHEMA.names) for row in rows):
        raise FairpruneError(
            f"{language} is no result of evaluate_language.py with zero-shot tasks: run that step "
            "again"
        )
    return ItemsFile(source, content["variant"], rows)


def check_columns(name: str, task: Any) -> None:
    """See that the items of a task have the columns that its metadata names.

    Args:
        name: of the task.
        task: as lm-eval has loaded it.

    Raises:
        FairpruneError: a column that is not there.
    """
    about = task.config.metadata or {}
    for key in COLUMNS:
        if (column := about.get(key)) is not None:
            known: Mapping[str, Any] = next(iter(task.eval_docs), {})
            if str(column) not in known:
                where = f" in metadata, {key}, of zero-shot task {name!r}"
                raise unknown("column", str(column), known, where)


def refuse_nan(samples: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    """See that a model was able to answer: NaN is less likely than nothing, and would count so.

    Args:
        samples: of lm-eval's results, by task.

    Raises:
        FairpruneError: it names the first item on which the model gives NaN.
    """
    for name, found in sorted(samples.items()):
        for sample in found:
            for answer in (one for every in sample["resps"] for one in every):
                likelihood = answer[0] if isinstance(answer, list | tuple) else answer
                if isinstance(likelihood, float) and isnan(likelihood):
                    raise FairpruneError(
                        f"the model gives NaN on item {sample['doc_id']} of zero-shot task "
                        f"{name!r}: use --dtype bfloat16 or float32; a compressed model that does "
                        "so is broken"
                    )


def item_rows(
    samples: Mapping[str, Iterable[Mapping[str, Any]]],
    tasks: Mapping[str, Any],
    mean: Callable[..., float],
) -> list[dict[str, Any]]:
    """One row an item and metric, of metrics that are plain means over items.

    The task's metadata may name columns of its data: `unit` (items that hang together share its
    value) and `stratum` (a kind of items, which is judged by itself, too).

    Args:
        samples: of lm-eval's results, by task.
        tasks: lm-eval's tasks by name.
        mean: lm-eval's function of that name.

    Returns:
        Rows of `SCHEMA`; `item` is the place in the data, `hash` the item's digest.
    """
    rows = []
    for name, found in sorted(samples.items()):
        task = tasks[name]
        means = {key for key, function in task.aggregation().items() if function is mean}
        about = task.config.metadata or {}
        for sample in found:
            columns = {key: _column(sample["doc"], about.get(key)) for key in COLUMNS}
            for metric in sample["metrics"]:
                value = sample[metric]
                if metric in means and isinstance(value, Real) and isfinite(value):
                    rows.append(
                        {
                            **{"task": name, "metric": metric_name(metric, sample["filter"])},
                            **{"item": sample["doc_id"], "hash": sample["doc_hash"][:HASH]},
                            **columns,
                            "value": float(value),
                        }
                    )
    return rows


def metric_name(metric: str, chosen: str) -> str:
    """A metric with the filter of answers that it is of, where there is one."""
    return metric if chosen == "none" else f"{metric} ({chosen})"


def _column(doc: Mapping[str, Any], name: str | None) -> str | None:
    return None if name is None or doc.get(name) is None else str(doc[name])
