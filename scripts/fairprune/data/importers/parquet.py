"""Parquet: one input or labelled opinion a row."""

from pathlib import Path
from typing import Any

from fairprune.data.importers import importer
from fairprune.io.tables import read_parquet


@importer("parquet")
def parquet(path: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file, in order."""
    return read_parquet(path)
