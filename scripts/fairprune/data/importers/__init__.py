"""Importers: one file a format. Each reads a file into a table of rows {column: value}.

An importer gives the columns of `data/columns.py`: inputs (`input` or `opinions`, `labels`), or
single labelled opinions (`text`, `label`), which are then grouped. Beside them it may keep the
file's other columns, by which `group_by` puts opinions together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fairprune.errors import FairpruneError
from fairprune.io.cards import verified
from fairprune.io.table_files import KINDS, Reading, Table, kind_of
from fairprune.registry import Registry

Read = Callable[[Path, Reading], Table]
Rule = Mapping[str, Sequence[object]]  # group → the values that stand for it


@dataclass(frozen=True)
class Importer:
    """How a format is read, and what its labels stand for where nobody says so."""

    read: Read
    labels: Rule | None = None


IMPORTERS: Registry[Importer] = Registry("format", __name__)

CONVERT = (
    'where you trust it, convert it yourself: python -c "import pandas; '
    "pandas.read_pickle('FILE').to_json('FILE.jsonl', orient='records', lines=True)\""
)
PICKLES = (".pkl", ".pickle")


def importer(name: str, labels: Rule | None = None) -> Callable[[Read], Read]:
    """Register the decorated function as the importer of a format.

    Args:
        name: of the format.
        labels: group → the values of the file that stand for it; None: labels are groups.
    """

    def register(function: Read) -> Read:
        IMPORTERS.register(name, Importer(function, labels))
        return function

    return register


def find_importer(path: Path, format_name: str = "auto") -> Importer:
    """The importer of a named format, or of the one that a file's ending says.

    Raises:
        FairpruneError: an unknown format or ending.
    """
    if format_name != "auto":
        return IMPORTERS.get(format_name, " in --format")
    ending = path.suffix.lower()
    if ending in PICKLES:
        raise FairpruneError(
            f"{path}: a pickle can run code when it is read; {CONVERT}; or say --format hgla, "
            "which lets in nothing but tables"
        )
    if kind_of(path) is None:
        raise FairpruneError(
            f"{path}: no format is known for the ending {ending!r} ({', '.join(KINDS)} are); say "
            f"--format NAME ({', '.join(IMPORTERS.names())})"
        )
    return IMPORTERS.get("table")


def import_table(path: Path, format_name: str = "auto", reading: Reading | None = None) -> Table:
    """The rows of a file in the named format, or in the one that its ending says.

    Args:
        path: the file.
        format_name: an importer, or auto.
        reading: what the file does not say itself.

    Raises:
        FairpruneError: an unknown format or ending, or a file that is not of that format.
    """
    path = Path(path)
    read = find_importer(path, format_name).read
    if not path.is_file():
        raise FairpruneError(f"{path} does not exist: give an existing file")
    return read(verified(path), reading or Reading())
