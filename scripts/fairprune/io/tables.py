"""JSON Lines, Parquet and JSON: read with clear errors, written atomically and reproducibly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_file, write_text

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
BATCH = 1024


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is not JSON, or an object holds a key twice.
        RecursionError: it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_distinct)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands there twice")
    return found


def read_json(path: Path) -> Any:
    """The value of a JSON file.

    Raises:
        FairpruneError: the file is missing or is not JSON.
    """
    return json_of(_text(path), path)


def json_of(text: str, path: Path) -> Any:
    """The value of a file's text.

    Raises:
        FairpruneError: it is not JSON.
    """
    try:
        return parse_json(text)
    except (ValueError, RecursionError) as error:
        raise FairpruneError(f"{path} is not JSON: {error}") from None


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON; NaN and infinities are refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file, in order.

    Raises:
        FairpruneError: the file is missing, or a line (named) is not a JSON object.
    """
    return list(json_rows(_text(path).split("\n"), path))


def json_rows(lines: Iterable[str | bytes], path: Path) -> Iterator[dict[str, Any]]:
    """The object of every line that holds something.

    Raises:
        FairpruneError: a line (named) is not a JSON object, or not UTF-8.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = parse_json(line.decode("utf-8") if isinstance(line, bytes) else line)
        except (ValueError, RecursionError) as error:
            raise FairpruneError(f"{path}, line {number}: not JSON: {error}") from None
        if not isinstance(row, dict):
            raise FairpruneError(f"{path}, line {number}: a JSON object is expected")
        yield row


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON Lines."""
    text = "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows)
    write_text(path, text)


def read_parquet(path: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file, in order.

    Raises:
        FairpruneError: the file is missing, or is not Parquet.
    """
    import pyarrow as pa  # steps that read JSON alone start without it

    try:
        return list(parquet_rows(path))
    except FileNotFoundError:
        raise FairpruneError(f"{path} does not exist: give an existing file") from None
    except (OSError, pa.ArrowException) as error:
        line = str(error).splitlines()[0]
        raise FairpruneError(f"{path} is not a Parquet file that can be read: {line}") from None


def parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file, one after the other.

    Raises:
        FairpruneError: two columns of one name, or a file that unpacks to far more than itself.
        OSError, pyarrow.ArrowException: it cannot be read.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, memory_map=False) as table:
        names = table.schema_arrow.names
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise FairpruneError(f"{path}: two columns are called {twice!r}: rename one")
        for batch in bounded(path, table.iter_batches(batch_size=BATCH), unpacked):
            yield from batch.to_pylist()


def bounded(
    path: Path, parts: Iterable[T], size: Callable[[T], int], ratio: int = 100
) -> Iterator[T]:
    """The parts that a packed file unpacks to, as long as their sizes can be those of data.

    Raises:
        FairpruneError: more than 64 MiB, and more than `ratio` times the file itself.
    """
    most, total = max(1 << 26, ratio * Path(path).stat().st_size), 0
    for part in parts:
        total += size(part)
        if total > most:
            raise FairpruneError(
                f"{path} unpacks to more than {most >> 20} MiB, over {ratio} times its own size: "
                "it is no data; give it unpacked if it is"
            )
        yield part


def unpacked(batch: pa.RecordBatch) -> int:
    """Bytes of a batch's values; of those of a dictionary, as often as they stand there."""
    columns = (c.dictionary_decode() if hasattr(c, "dictionary") else c for c in batch.columns)
    return sum(column.nbytes for column in columns)


def write_parquet(path: Path, rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> None:
    """Write rows as Parquet under a fixed schema, so that the same rows give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    with atomic_file(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON Lines or Parquet file, by its ending."""
    return read_parquet(path) if Path(path).suffix == ".parquet" else read_jsonl(path)


def _text(path: Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FairpruneError(f"{path} does not exist: give an existing file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FairpruneError(f"{path} cannot be read: {error}") from None
