"""CSV: read so that no row is swallowed and no column lost, written so that nothing is run."""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from fairprune.errors import FairpruneError

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_csv(path: Path, delimiters: str = ",") -> list[dict[str, str]]:
    """The rows of a file of separated cells whose first line names the columns, all texts.

    Empty lines are skipped.

    Args:
        path: the file, in UTF-8, with or without a byte order mark.
        delimiters: what cells may be separated by; that which the header has most of is taken.

    Raises:
        FairpruneError: no such file, not UTF-8, no header, a column named twice, a row of more
            or fewer cells than the header, or a quote that is not closed; with the line.
    """
    csv.field_size_limit(sys.maxsize)
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            return list(_rows(stream, path, delimiters))
    except FileNotFoundError:
        raise FairpruneError(f"{path} does not exist: give an existing file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FairpruneError(f"{path} is not a CSV file in UTF-8: {error}") from None


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _rows(stream: TextIO, path: Path, delimiters: str) -> Iterator[dict[str, str]]:
    header = stream.readline()
    stream.seek(0)
    reader = csv.reader(stream, delimiter=max(delimiters, key=header.count), strict=True)
    names: list[str] | None = None
    number = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FairpruneError(
                f"{path}, line {line}: a quote that is opened there is not closed as it should "
                f"be ({error}): a cell in quotes ends with one, and doubles those inside of it"
            ) from None
        if not cells:
            continue
        if names is None:
            names = cells
            if twice := [name for name in names if name.strip() and names.count(name) > 1]:
                raise FairpruneError(f"{path}, line {line}: two columns are called {twice[0]!r}")
            continue
        number += 1
        if len(cells) != len(names):
            more = "more" if len(cells) > len(names) else "fewer"
            raise FairpruneError(
                f"{path}, line {line}, row {number}: {more} cells than the header names, "
                f"{len(cells)} and not {len(names)}"
            )
        yield dict(zip(names, cells, strict=True))
