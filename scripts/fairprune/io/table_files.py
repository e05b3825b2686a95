"""Tables of others, in every form that they come in: read, or refused with file and row."""

import gzip
import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError, shortened
from fairprune.io.delimited import SEPARATORS, read_cells
from fairprune.io.encodings import decode
from fairprune.io.spreadsheets import read_sheet
from fairprune.io.tables import bounded, json_of, json_rows, parse_json, read_parquet

KINDS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".xlsx": "spreadsheet",
    ".xlsm": "spreadsheet",
    ".xls": "spreadsheet",
    ".xlsb": "spreadsheet",
    ".ods": "spreadsheet",
}
CHUNK = 1 << 20

Row = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What a user says of a file that does not say it itself: encoding, delimiter, sheet."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class Table:
    """The rows of a file.

    Attributes:
        path: the file.
        rows: a row's cells by column: texts of separated cells, and values of JSON or Parquet.
        numbers: each row's number in the file, from 1 behind the header; blank rows count.
        notes: how the file was read, in words, where it did not say so itself.
    """

    path: Path
    rows: list[Row]
    numbers: list[int]
    notes: list[str] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """Every column that a row has, in order of appearance."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def where(self, place: int) -> str:
        """A row as messages name it, by its place in `rows`."""
        return f"{self.path}, row {self.numbers[place]}"

    def mapped(self, function: Callable[[Row, str], Row]) -> "Table":
        """The table with every row rewritten, from the row and what messages call it."""
        rows = [function(row, self.where(place)) for place, row in enumerate(self.rows)]
        return replace(self, rows=rows)


def table_of(path: Path, rows: Iterable[Row], notes: Sequence[str] = ()) -> Table:
    """A table of rows from a file of another form; blank ones are left out, and counted."""
    numbered = [(number, row) for number, row in enumerate(rows, 1)]
    kept = [(n, row) for n, row in numbered if not all(map(missing, row.values()))]
    notes = [*notes, *_blank(len(numbered) - len(kept))]
    return Table(path, [row for _, row in kept], [number for number, _ in kept], notes)


def missing(value: Any) -> bool:
    """Whether a cell holds nothing: None, NaN, or white space."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


def stem_of(path: Path) -> str:
    """A file's name without its ending, and without that of its packing."""
    return Path(path.name.removesuffix(".gz")).stem


def kind_of(path: Path) -> str | None:
    """What a file's ending says that it is; None: nothing that is known here."""
    name = path.name.lower().removesuffix(".gz")
    return KINDS.get(Path(name).suffix)


def read_table(
    path: Path,
    reading: Reading = Reading(),
    *,
    kind: str | None = None,
    names: Sequence[str] | None = None,
) -> Table:
    """The rows of a file: CSV, TSV, JSON (an array, or an object a line), Parquet, a spreadsheet.

    Text may be packed (`.gz`). Encoding and delimiter are found where they can be. Rows without
    any value are left out, and counted.

    Args:
        path: the file.
        reading: what the file does not say itself.
        kind: one of the values of KINDS; None: by the ending.
        names: the columns of separated cells that have no header.

    Raises:
        FairpruneError: a file that is missing, damaged, of another kind, or can be read in more
            than one way; with its line or row.
    """
    path = Path(path)
    kind = kind or kind_of(path)
    if not path.is_file():
        raise FairpruneError(f"{path} does not exist: give an existing file")
    if kind == "parquet":
        return table_of(path, read_parquet(path))
    if kind == "spreadsheet":
        cells, notes = read_sheet(path, reading.sheet)
        return _named(path, cells, notes, None)
    if reading.sheet is not None:
        raise FairpruneError(f"{path}: no spreadsheet, and so without a sheet {reading.sheet!r}")
    text, notes = read_text(path, reading.encoding)
    if kind == "json":
        return table_of(path, _json_rows(text, path), notes)
    if kind not in ("csv", "tsv"):
        raise FairpruneError(f"{path}: its ending is none of {', '.join(KINDS)}")
    asked = _delimiter(reading.delimiter) or ("\t" if kind == "tsv" else None)
    read = read_cells(text, path, (asked,) if asked else tuple(SEPARATORS), names is None)
    return _named(path, read.rows, [*notes, *read.notes], names)


def _delimiter(said: str | None) -> str | None:
    """One character; `tab` and `\\t` are one, too."""
    found = {"tab": "\t", "\\t": "\t"}.get(said, said) if said else None
    if found and len(found) > 1:
        raise FairpruneError(f"--delimiter {said!r}: one character is expected, or tab")
    return found


def read_text(path: Path, encoding: str | None = None) -> tuple[str, list[str]]:
    """A file as one text, unpacked, and how it was read; see `decode`."""
    text, note = decode(_unpacked(path), path, encoding)
    return text, [note] if note else []


def _unpacked(path: Path) -> bytes:
    try:
        if path.suffix.lower() != ".gz":
            return path.read_bytes()
        with gzip.open(path) as stream:
            parts = bounded(path, iter(lambda: stream.read(CHUNK), b""), len, 30)
            return b"".join(parts)
    except FileNotFoundError:
        raise FairpruneError(f"{path} does not exist: give an existing file") from None
    except (OSError, EOFError, zlib.error) as error:
        raise FairpruneError(f"{path} cannot be read: {shortened(error)}") from None


def _json_rows(text: str, path: Path) -> list[Row]:
    if text.lstrip()[:1] == "[":
        rows = json_of(text, path)
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                raise FairpruneError(f"{path}, row {number}: a JSON object is expected")
        return rows
    try:
        return list(json_rows(text.split("\n"), path))
    except FairpruneError:
        if text.lstrip()[:1] == "{" and _is_json(text):
            raise FairpruneError(
                f"{path} is one JSON value: a list of objects is expected, or an object a line "
                "(pandas: to_json(orient='records', lines=True))"
            ) from None
        raise


def _is_json(text: str) -> bool:
    try:
        parse_json(text)
    except (ValueError, RecursionError):
        return False
    return True


def _named(
    path: Path, cells: Sequence[Sequence[Any]], notes: list[str], names: Sequence[str] | None
) -> Table:
    """Rows of cells under the names of the first one, or under names that are given."""
    start = next((place for place, row in enumerate(cells) if any(row)), len(cells))
    if names is None:
        header = cells[start] if start < len(cells) else []
        names, start = _header(header, f"{path}, line {start + 1}"), start + 1
    wide = next((row for row in cells[start:] if any(row)), names)
    if len(wide) != len(names):
        raise FairpruneError(
            f"{path}: {len(wide)} columns, where {len(names)} are expected ({', '.join(names)})"
        )
    rows, numbers = [], []
    for number, row in enumerate(cells[start:], 1):
        if not all(map(missing, row)):
            rows.append(dict(zip(names, row, strict=True)))
            numbers.append(number)
    return Table(path, rows, numbers, notes + _blank(len(cells) - start - len(rows)))


def _header(cells: Sequence[Any], where: str) -> list[str]:
    """The names of columns; one without a name is called by its place."""
    names = [
        f"(column {place})" if missing(cell) else _title(cell)
        for place, cell in enumerate(cells, 1)
    ]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise FairpruneError(f"{where}: two columns are called {shortened(twice)!r}: rename one")
    return names


def _title(cell: Any) -> str:
    whole = isinstance(cell, float) and cell.is_integer()  # spreadsheets know no other numbers
    return str(int(cell) if whole else cell)


def _blank(count: int) -> list[str]:
    return [f"{count} blank row{'s' if count > 1 else ''} skipped"] if count > 0 else []
