"""Which column of the user's file holds which of our fields."""

from collections.abc import Collection, Mapping, Sequence

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


def match_columns(present: Collection[str], asked: Mapping[str, str], where: str) -> dict[str, str]:
    """{our field: the column that holds it}, among the columns that are present.

    Raises:
        FairpruneError: a column that was asked for is not there.
    """
    found = {}
    for field, names in FIELDS.items():
        if field in asked:
            if asked[field] not in present:
                raise unknown("column", asked[field], present, f" in {where} (--columns {field}=)")
            found[field] = asked[field]
        else:
            taken = set(asked.values())
            free = [name for name in names if name in present and name not in taken]
            if free:
                found[field] = free[0]
    return found
