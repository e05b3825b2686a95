"""General text: documents from a plain file, or from the column `text` of rows."""

import gzip
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from fairprune.errors import FairpruneError
from fairprune.io.cards import verified
from fairprune.io.tables import BATCH, bounded, parse_json, unpacked

ROWS = (".parquet", ".jsonl", ".jsonl.gz", ".json.gz")
LONGEST_LINE = 1 << 26  # bytes: no document is so long, but a few packed bytes can say it is


def holds_rows(path: Path) -> bool:
    """Whether a file's name ends as a file of rows does; any other is plain text."""
    return path.name.endswith(ROWS)


def has_texts(path: Path) -> bool:
    """Whether a file is general text and not a task: plain text, or rows with `text` alone.

    Raises:
        FairpruneError: an ending that is not known, a file that cannot be read, or no rows.
    """
    _check(path)
    if not holds_rows(path):
        return True
    for row in _rows(path):
        return "text" in row and "opinions" not in row
    raise FairpruneError(f"{path} holds no rows: give texts")


def read_texts(path: Path, limit: int | None = None) -> list[str]:
    """The documents of a file, in order.

    `.txt`: paragraphs between blank lines, without white space around them. `.jsonl`,
    `.json.gz`, `.jsonl.gz` (JSON Lines, as the shards of C4) and `.parquet`: the column `text`
    as it is, a string or a list of strings. Rows are read one after the other, so that with a
    `limit` no more of a large file is unpacked than is needed.

    Args:
        path: the file.
        limit: at most so many documents, the first ones; None: all.

    Raises:
        FairpruneError: an ending that is not known, a file that cannot be read, a row without
            `text`, or a line that unpacks to more than 64 MiB.
    """
    _check(path)
    documents = _column(path) if holds_rows(path) else _paragraphs(path)
    return list(islice(documents, limit))


def read_whole(path: Path) -> str:
    """A plain file as one text, as it is.

    Raises:
        FairpruneError: it does not exist, or is not UTF-8.
    """
    verified(path)
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FairpruneError(f"{path} does not exist: give an existing file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FairpruneError(f"{path} cannot be read as UTF-8 text: {error}") from None


def _check(path: Path) -> None:
    verified(path)
    if not path.name.endswith((*ROWS, ".txt")):
        raise FairpruneError(f"{path}: this step takes {', '.join(ROWS)} or .txt")


def _paragraphs(path: Path) -> Iterator[str]:
    found = (text.strip() for text in re.split(r"\n\s*\n", read_whole(path)))
    return (text for text in found if text)


def _column(path: Path) -> Iterator[str]:
    for number, row in enumerate(_rows(path), 1):
        value = row.get("text")
        parts = [value] if isinstance(value, str) else value
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise FairpruneError(
                f"{path}, row {number}: a column `text` (a string or a list of strings) is expected"
            )
        yield from parts


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    read = _parquet_rows if path.suffix == ".parquet" else _json_rows
    try:
        yield from read(path)
    except FileNotFoundError:
        raise FairpruneError(f"{path} does not exist: give an existing file") from None
    except (OSError, EOFError, zlib.error) as error:  # of gzip and Arrow too
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise FairpruneError(f"{path} cannot be read: {line}") from None


def _parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as table:
            found = table.iter_batches(batch_size=BATCH)
            for batch in bounded(path, found, unpacked):
                yield from batch.to_pylist()
    except pa.ArrowException as error:
        raise OSError(f"not Parquet: {error}") from None


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
        for number, line in enumerate(bounded(path, _lines(stream, path), len, 30), 1):
            if not line.strip():
                continue
            try:
                row = parse_json(line.decode("utf-8"))
            except (ValueError, RecursionError) as error:
                raise FairpruneError(f"{path}, line {number}: not JSON: {error}") from None
            if not isinstance(row, dict):
                raise FairpruneError(f"{path}, line {number}: a JSON object is expected")
            yield row


def _lines(stream: BinaryIO, path: Path) -> Iterator[bytes]:
    for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE + 1), b""), 1):
        if len(line) > LONGEST_LINE:
            raise FairpruneError(
                f"{path}, line {number}: longer than {LONGEST_LINE >> 20} MiB; a line is a document"
            )
        yield line
