"""CSV with a header, comma-separated, UTF-8 (with or without a byte order mark)."""

from pathlib import Path
from typing import Any

from fairprune.data.importers import importer
from fairprune.io.csv_files import read_csv


@importer("csv")
def csv(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file as {column: text}; empty cells are left out.

    Raises:
        FairpruneError: see `read_csv`.
    """
    return [{name: cell for name, cell in row.items() if cell} for row in read_csv(path)]
