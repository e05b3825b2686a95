"""Separated cells with a header, whatever the file's ending."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.io.table_files import Reading, Table, read_table


@importer("csv")
def csv(path: Path, reading: Reading) -> Table:
    """The rows of a CSV file as {column: text}."""
    return read_table(path, reading, kind="csv")
