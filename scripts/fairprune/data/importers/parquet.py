"""Parquet: one input or labelled opinion a row."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.io.table_files import Reading, Table, read_table


@importer("parquet")
def parquet(path: Path, reading: Reading) -> Table:
    """The rows of a Parquet file, in order."""
    return read_table(path, reading, kind="parquet")
