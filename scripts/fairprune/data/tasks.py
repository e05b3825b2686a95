"""A task table: inputs of labelled opinions, with their mix and reference summaries."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from fairprune.data.opinions import Opinions
from fairprune.data.rows import check_ids, parse_rows
from fairprune.errors import FairpruneError
from fairprune.io.opened import Opened, open_input
from fairprune.io.table_files import kind_of, read_table
from fairprune.io.tables import write_parquet

SEPARATOR = " || "

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("opinions", pa.list_(pa.string())),
        ("labels", pa.list_(pa.string())),
        ("mix", pa.string()),
        ("references", pa.list_(pa.string())),
    ]
)


@dataclass(frozen=True)
class Task:
    """The inputs of a task, and the file that they are of."""

    source: Opened
    inputs: list[Opinions]


def open_task(path: Path) -> Task:
    """A task: a table of prepare_task.py, or plain JSONL (`id, opinions, labels`).

    Raises:
        FairpruneError: no such file, one that has changed since its card, nothing in it, or a row
            (named) that is no input.
    """
    source = open_input(path)
    kind = kind_of(source.path) or "json"
    found = parse_rows(read_table(source.path, kind=kind))
    if not found:
        raise FairpruneError(f"{path} holds no inputs: give a task with at least one")
    check_ids(found)
    return Task(source, [row.input for row in found])


def read_task(path: Path) -> list[Opinions]:
    """The inputs of a task alone.

    Args:
        path: a table of prepare_task.py, or plain JSON Lines: `id, opinions, labels`.

    Raises:
        FairpruneError: see `open_task`.
    """
    return open_task(path).inputs


def write_task(path: Path, inputs: Iterable[Opinions]) -> None:
    """Write a task table as Parquet.

    Args:
        path: the table to write.
        inputs: its rows, in their order.
    """
    write_parquet(path, [asdict(item) for item in inputs], SCHEMA)
