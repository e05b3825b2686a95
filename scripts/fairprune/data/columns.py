"""Which column of the user's file holds which of our fields."""

from collections.abc import Mapping, Sequence

from fairprune.errors import FairpruneError, shortened, unknown

# Our field, and the column names under which it is found by itself.
FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("id",),
    "opinions": ("opinions", "input"),
    "labels": ("labels", "label"),
    "references": ("references", "summary"),
    "split": ("split",),
    "mix": ("mix",),
    "text": ("text",),
    "proportion": ("proportion",),
    "input_proportion": ("input_proportion",),
}
_FIELD_OF = {name: field for field, names in FIELDS.items() for name in names}


def parse_columns(pairs: Sequence[str]) -> dict[str, str]:
    """`KEY=COLUMN` texts as {our field: their column}; `input`, `label`, `summary` are KEYs too.

    Raises:
        FairpruneError: not of that form, or a KEY that is no field.
    """
    columns = {}
    for pair in pairs:
        key, equals, column = pair.partition("=")
        if not (key and equals and column):
            raise FairpruneError(
                f"--columns {shortened(pair)!r}: KEY=COLUMN is expected (labels=stance)"
            )
        if key not in _FIELD_OF:
            raise unknown("field", key, _FIELD_OF, f" in --columns {shortened(pair)}")
        columns[_FIELD_OF[key]] = column
    return columns


def match_columns(present: Sequence[str], asked: Mapping[str, str], where: str) -> dict[str, str]:
    """{our field: the column that holds it}, among the columns that are present.

    Names are compared without case and without white space around them.

    Raises:
        FairpruneError: a column that was asked for is not there, or two could be meant.
    """
    found = {
        field: find_column(present, name, where, f"--columns {field}=")
        for field, name in asked.items()
    }
    taken = set(found.values())
    for field, names in FIELDS.items():
        if field not in found:
            alike = [column for name in names for column in _alike(present, name)]
            columns = [column for column in alike if column not in taken]
            if columns:
                found[field] = _one(columns, where, f"--columns {field}=")
    return found


def find_column(present: Sequence[str], name: str, where: str, option: str) -> str:
    """The column of a name: exactly that one, or else the one that is like it.

    Raises:
        FairpruneError: there is none, or more than one that is like it.
    """
    if name in present:
        return name
    columns = _alike(present, name)
    if not columns:
        raise unknown("column", name, present, f" in {where} ({option})")
    return _one(columns, where, option)


def _alike(present: Sequence[str], name: str) -> list[str]:
    return [column for column in present if _folded(column) == _folded(name)]


def _folded(name: str) -> str:
    return name.strip().casefold()


def _one(columns: Sequence[str], where: str, option: str) -> str:
    if len(columns) > 1:
        listed = " or ".join(map(repr, columns))
        raise FairpruneError(f"{where}: column {listed}? Say which: {option}COLUMN")
    return columns[0]
