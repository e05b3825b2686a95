"""Importers: one file a format. Each reads a file into rows {column: value}.

An importer gives the columns of `data/columns.py`: inputs (`input` or `opinions`, `labels`), or
single labelled opinions (`text`, `labels`), which are then grouped.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.io.cards import verified
from fairprune.registry import Registry

Importer = Callable[[Path], list[dict[str, Any]]]

IMPORTERS: Registry[Importer] = Registry("format", __name__)

# What `auto` takes a file for, by its ending.
ENDINGS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".csv": "csv",
}

CONVERT = (
    'where you trust it, convert it yourself: python -c "import pandas; '
    "pandas.read_pickle('FILE').to_json('FILE.jsonl', orient='records', lines=True)\""
)


def importer(name: str) -> Callable[[Importer], Importer]:
    """Register the decorated function as the importer of a format."""

    def register(function: Importer) -> Importer:
        IMPORTERS.register(name, function)
        return function

    return register


def import_rows(path: Path, format_name: str = "auto") -> list[dict[str, Any]]:
    """The rows of a file in the named format, or in the one that its ending says.

    Raises:
        FairpruneError: an unknown format or ending, or a file that is not of that format.
    """
    path = Path(path)
    if format_name == "auto":
        ending = path.suffix.lower()
        if ending in (".pkl", ".pickle"):
            raise FairpruneError(
                f"{path}: a pickle can run code when it is read; {CONVERT}; or say --format hgla, "
                "which lets in nothing but tables"
            )
        if ending not in ENDINGS:
            raise FairpruneError(
                f"{path}: no format is known for the ending {ending!r}; say --format NAME "
                f"({', '.join(IMPORTERS.names())})"
            )
        format_name = ENDINGS[ending]
    read = IMPORTERS.get(format_name, " in --format")
    if not path.is_file():
        raise FairpruneError(f"{path} does not exist: give an existing file")
    return read(verified(path))
