"""JSON Lines, or a JSON array: one object a row, its keys the columns."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.io.table_files import Reading, Table, read_table


@importer("jsonl")
def jsonl(path: Path, reading: Reading) -> Table:
    """The objects of a JSON Lines file, in order."""
    return read_table(path, reading, kind="json")
