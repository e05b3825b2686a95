"""Separated cells (CSV, TSV): read so that no row is swallowed and no column lost."""

import csv
import io
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fairprune.errors import FairpruneError, UnsaidError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True)
class Cells:
    """The cells of every row, the header's first; how they were read, and what is wrong."""

    rows: list[list[str]]
    notes: list[str]
    error: FairpruneError | None = None

    @property
    def width(self) -> int:
        """How many cells the first row has that is not empty."""
        return len(next(filter(None, self.rows), []))


def read_cells(
    text: str, path: Path, delimiters: Sequence[str] = tuple(SEPARATORS), header: bool = True
) -> Cells:
    """The rows of a text; one whose cells are all empty is an empty list.

    Of the delimiters that one is taken that gives every row as many cells as the first. A first
    line `sep=;`, as spreadsheets write it, decides. A cell in quotes ends with one and doubles
    those inside of it. Lines without anything are no rows.

    Args:
        text: the file's text.
        path: its name, for messages.
        delimiters: what cells may be separated by.
        header: whether the first row names the columns.

    Raises:
        FairpruneError: rows of more or fewer cells than the first, a quote that is not closed
            (with the line), or two delimiters that both fit.
    """
    if said := re.match(r'"?sep=(.)"?(?:\r\n|\r|\n)', text, re.IGNORECASE):
        delimiters, text = (said[1],), text[said.end() :]
    found = {delimiter: _parsed(text, path, delimiter, header) for delimiter in delimiters}
    whole = [cells for cells in found.values() if cells.error is None]
    fitting = [name for name, cells in found.items() if cells.error is None and cells.width > 1]
    if len(fitting) > 1:
        kinds = " or by ".join(SEPARATORS[name] for name in fitting)
        raise UnsaidError(
            "delimiter", f"{path}: the cells could be separated by {kinds}: say which"
        )
    best = found[fitting[0]] if fitting else max(found.values(), key=lambda cells: cells.width)
    if best.width < 2 and whole:
        return whole[0]
    if best.error is not None:
        raise best.error
    return best


def _parsed(text: str, path: Path, delimiter: str, header: bool) -> Cells:
    """The cells by one delimiter.

    A quote that stays open may be part of a text, or swallow the rows up to the next one. Between
    tabs it is a text's, where every line has its cells so; elsewhere nobody can tell, unless other
    cells show that quotes are quotes.
    """
    quoted = _rows(text, path, delimiter, header, quotes=True)
    if '"' not in text:
        return quoted
    plain = _rows(text, path, delimiter, header, quotes=False)
    fits = plain.error is None and plain.width > 1
    if not fits or (quoted.error is None and len(quoted.rows) == len(plain.rows)):
        return quoted
    lines = text.splitlines()
    line = next((n for n, found in enumerate(lines, 1) if found.count('"') % 2), 1)
    if delimiter == "\t":
        return Cells(plain.rows, [f"quotes are part of the texts (as in line {line})"])
    cells = (cell for row in plain.rows for cell in row)
    whole = any(cell[:1] == cell[-1:] == '"' and len(cell) > 1 for cell in cells)
    several = sum("\n" in cell for row in quoted.rows for cell in row) > 2
    if quoted.error is None and (whole or several):
        return quoted
    message = (
        f"{path}, line {line}: a quote that is opened there is closed in another line, and every "
        "line has its cells without quotes, too: a cell in quotes ends with one, and doubles "
        "those inside of it"
    )
    return quoted if quoted.error else Cells(quoted.rows, [], FairpruneError(message))


def _rows(text: str, path: Path, delimiter: str, header: bool, *, quotes: bool) -> Cells:
    csv.field_size_limit(sys.maxsize)
    stream = io.StringIO(text, newline="")
    kind: Literal[0, 3] = csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE
    reader = csv.reader(stream, delimiter=delimiter, strict=True, quoting=kind)
    found: list[list[str]] = []
    width = 0
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return Cells(found, [])
        except csv.Error as error:
            message = (
                f"{path}, line {line}: a quote that is opened there is not closed as it should "
                f"be ({error}): a cell in quotes ends with one, and doubles those inside of it"
            )
            return Cells(found, [], FairpruneError(message))
        if not row:
            continue
        row = row if any(cell.strip() for cell in row) else []
        width = width or len(row)
        if row and len(row) != width:
            more = "more" if len(row) > width else "fewer"
            first = "header names" if header else "first row has"
            message = (
                f"{path}, line {line}, row {len(found) + (not header)}: {more} cells than the "
                f"{first}, {len(row)} and not {width}"
            )
            return Cells(found, [], FairpruneError(message))
        found.append(row)
