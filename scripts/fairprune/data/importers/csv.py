"""CSV with a header, comma-separated, UTF-8 (with or without a byte order mark)."""

import csv as reader
import sys
from pathlib import Path
from typing import Any

from fairprune.data.importers import importer
from fairprune.errors import FairpruneError


@importer("csv")
def csv(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file as {column: text}; empty cells are left out.

    Raises:
        FairpruneError: not UTF-8, no header, or a row with too many cells.
    """
    return read_csv(path, ",")


def read_csv(path: Path, delimiter: str) -> list[dict[str, Any]]:
    """The rows of a file of separated cells whose first line names the columns."""
    reader.field_size_limit(sys.maxsize)
    rows = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for number, row in enumerate(reader.DictReader(stream, delimiter=delimiter), 1):
                if None in row:
                    raise FairpruneError(f"{path}, row {number}: more cells than the header names")
                rows.append({k: v for k, v in row.items() if v not in (None, "")})
    except (UnicodeDecodeError, reader.Error) as error:
        raise FairpruneError(f"{path} is not a CSV file in UTF-8: {error}") from None
    return rows
