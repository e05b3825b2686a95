"""Tables in every form that `io/table_files.py` reads, by the file's ending."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.io.table_files import Reading, Table, read_table


@importer("table")
def table(path: Path, reading: Reading) -> Table:
    """The rows as they stand."""
    return read_table(path, reading)
