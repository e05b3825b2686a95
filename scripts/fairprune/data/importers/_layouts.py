"""What the layouts of public sets have in common: stars, columns, encodings, traces of HTML."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fairprune.data.columns import find_column
from fairprune.errors import FairpruneError, UnsaidError
from fairprune.io.table_files import Reading, Row, Table, missing, read_table

STARS: dict[str, list[object]] = {"neg": ["1-2.99"], "neu": [3], "pos": ["3.01-5"]}
OLD_TWEETS = ("cp1252", "latin-1")  # the last one decodes any bytes
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def read_encoded(
    path: Path,
    reading: Reading,
    *,
    kind: str,
    names: Sequence[str] | None = None,
    encodings: Sequence[str] = OLD_TWEETS,
) -> Table:
    """A table as `read_table` reads it; where its encoding cannot be told, in the layout's own.

    Args:
        path: the file.
        reading: what the user says of it.
        kind: see `read_table`.
        names: see `read_table`.
        encodings: of the layout, tried one after the other; the last decodes any bytes.

    Raises:
        FairpruneError: see `read_table`.
    """
    try:
        return read_table(path, reading, kind=kind, names=names)
    except UnsaidError as error:
        if error.option != "encoding":
            raise

    def in_encoding(encoding: str) -> Table:
        table = read_table(path, replace(reading, encoding=encoding), kind=kind, names=names)
        note = f"read as {encoding}, as files of this set are"
        return replace(table, notes=[note, *table.notes])

    for encoding in encodings[:-1]:
        try:
            return in_encoding(encoding)
        except FairpruneError:  # what else is wrong with the file the last encoding says, too
            continue
    return in_encoding(encodings[-1])


def single_opinions(
    table: Table,
    layout: str,
    *,
    text: str,
    label: str,
    rewrite: Callable[[str], str] = str,
) -> Table:
    """Every row as one opinion: `text` and `label` beside the file's own columns.

    Args:
        table: the rows.
        layout: the name of the format, for messages.
        text: the column of the text.
        label: the column of the label.
        rewrite: a text of the file → the text as it was written.

    Raises:
        FairpruneError: a column that is not there.
    """
    if not table.rows:
        return table
    option = f"--format {layout}"
    from_text = find_column(table.columns, text, str(table.path), option)
    from_label = find_column(table.columns, label, str(table.path), option)

    def row_of(raw: Row, where: str) -> Row:
        value = raw.get(from_text)
        kept = {name: cell for name, cell in raw.items() if name.strip().casefold() != "text"}
        written = rewrite(value) if isinstance(value, str) else value
        return {**kept, "text": written, "label": raw.get(from_label)}

    return table.mapped(row_of)


def without_blank(table: Table) -> Table:
    """The table without opinions that have no text, ratings alone; how many is noted."""
    places = [place for place, row in enumerate(table.rows) if not missing(row.get("text"))]
    lost = len(table.rows) - len(places)
    if not lost:
        return table
    return replace(
        table,
        rows=[table.rows[place] for place in places],
        numbers=[table.numbers[place] for place in places],
        notes=[*table.notes, f"{lost} review{'s' if lost > 1 else ''} without text left out"],
    )


def plain(text: str) -> str:
    """A text with its HTML entities resolved, and `<br />` as line breaks."""
    return html.unescape(_BREAK.sub("\n", text))


def listed(value: Any, where: str, name: str) -> list[Any]:
    """A field that has to hold a list of at least one value.

    Raises:
        FairpruneError: it is missing, empty, or no list.
    """
    if not isinstance(value, list) or not value:
        raise FairpruneError(f"{where}: a list {name!r} with at least one value is expected")
    return value
