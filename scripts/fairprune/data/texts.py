"""General text: documents from a plain file, or from the column `text` of a table."""

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from io import BufferedIOBase
from itertools import islice
from pathlib import Path
from typing import Any

from fairprune.data.cells import text_of
from fairprune.data.columns import match_columns
from fairprune.errors import FairpruneError
from fairprune.io.cards import verified
from fairprune.io.table_files import KINDS, kind_of, read_table, read_text
from fairprune.io.tables import bounded, json_rows, parquet_rows

LONGEST_LINE = 1 << 26  # bytes: no document is so long, but a few packed bytes can say it is


def holds_rows(path: Path) -> bool:
    """Whether a file's name ends as a table's does; any other is plain text."""
    return kind_of(path) is not None


def has_texts(path: Path) -> bool:
    """Whether a file is general text and not a task: plain text, or rows with `text` alone.

    Raises:
        FairpruneError: an ending that is not known, a file that cannot be read, or no rows.
    """
    _check(path)
    if not holds_rows(path):
        return True
    for row in _rows(path):
        match = match_columns([*row], {}, str(path))
        return "text" in match and "opinions" not in match
    raise FairpruneError(f"{path} holds no rows: give texts")


def read_texts(path: Path, limit: int | None = None) -> list[str]:
    """The documents of a file, in order.

    `.txt`: paragraphs between blank lines, without white space around them. A table (see
    `io.table_files`): the column `text`, a text or a list of texts, as it is. Rows of JSON Lines
    (the shards of C4) and Parquet are read one after the other, so that with a `limit` no more
    of a large file is unpacked than is needed.

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
        FairpruneError: it does not exist, or its encoding cannot be found.
    """
    return read_text(verified(path))[0]


def _check(path: Path) -> None:
    verified(path)
    if not (holds_rows(path) or path.name.endswith(".txt")):
        raise FairpruneError(f"{path}: this step takes {', '.join(KINDS)} or .txt")


def _paragraphs(path: Path) -> Iterator[str]:
    found = (text.strip() for text in re.split(r"\n\s*\n", read_whole(path)))
    return (text for text in found if text)


def _column(path: Path) -> Iterator[str]:
    names: list[str] = []
    for number, row in enumerate(_rows(path), 1):
        if names != (names := [*row]):  # the columns of other rows are mostly the same
            column = _text_column(names, f"{path}, row {number}")
        value = row[column]
        for part in value if isinstance(value, list) else [value]:
            if part != "":  # as it is in texts that are joined
                text_of(part, f"{path}, row {number}, {column}")
            yield part


def _text_column(names: Sequence[str], where: str) -> str:
    match = match_columns(names, {}, where)
    if "text" not in match:
        raise FairpruneError(f"{where}: a column `text` (a text or a list of texts) is expected")
    return match["text"]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    read = {"parquet": _parquet_rows, "json": _json_rows}.get(kind_of(path) or "")
    try:
        yield from read(path) if read else read_table(path).rows
    except FileNotFoundError:
        raise FairpruneError(f"{path} does not exist: give an existing file") from None
    except (OSError, EOFError, zlib.error) as error:  # of gzip and Arrow too
        line = (str(error).splitlines() or [type(error).__name__])[0]
        raise FairpruneError(f"{path} cannot be read: {line}") from None


def _parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa

    try:
        yield from parquet_rows(path)
    except pa.ArrowException as error:
        raise OSError(f"not Parquet: {error}") from None


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    with _opened(path) as stream:
        start = stream.read(64)
    if start.lstrip()[:1] == b"[" or start[:1] in (b"\xef", b"\xff", b"\xfe") or b"\0" in start:
        yield from read_table(path).rows
        return
    with _opened(path) as stream:
        yield from json_rows(bounded(path, _lines(stream, path), len, 30), path)


def _opened(path: Path) -> BufferedIOBase:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def _lines(stream: BufferedIOBase, path: Path) -> Iterator[bytes]:
    for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE + 1), b""), 1):
        if len(line) > LONGEST_LINE:
            raise FairpruneError(
                f"{path}, line {number}: longer than {LONGEST_LINE >> 20} MiB; a line is a document"
            )
        yield line
