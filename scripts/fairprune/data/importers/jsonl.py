"""JSON Lines: one object a row, its keys the columns."""

from pathlib import Path
from typing import Any

from fairprune.data.importers import importer
from fairprune.io.tables import read_jsonl


@importer("jsonl")
def jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file, in order."""
    return read_jsonl(path)
