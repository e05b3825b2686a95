"""MITweet (Liu et al., EMNLP 2023): tweets with an ideology on each of twelve facets."""

from pathlib import Path

from fairprune.data.cells import label_of
from fairprune.data.importers import importer
from fairprune.data.importers._layouts import single_opinions
from fairprune.errors import FairpruneError, shortened
from fairprune.io.table_files import Reading, Row, Table, read_table

FACETS = [f"I{number}" for number in range(1, 13)]
UNRELATED = "-1"
MIXED = "mixed"
CODES = (UNRELATED, "0", "1", "2")
GROUPS: dict[str, list[object]] = {
    "left": [0],
    "center": [1],
    "right": [2],
    "unrelated": [-1],
    "mixed": [MIXED],
}


@importer("mitweet", labels=GROUPS)
def mitweet(path: Path, reading: Reading) -> Table:
    """One opinion a tweet: `tweet`, and as `label` the ideology that its facets agree on.

    `I1` to `I12` hold 0 (left), 1 (center), 2 (right) or -1 (the facet is not touched). A tweet
    whose facets agree has that label; `mixed` if they differ, `unrelated` if none is touched. One
    facet alone: `columns: {labels: I9}`. `topic` serves `group_by`.

    Raises:
        FairpruneError: no `tweet`, not all twelve facets, or another code. Files of an early
            version count in five steps, in which 1 is left and 2 center.
    """
    table = read_table(path, reading)
    lacking = [facet for facet in FACETS if table.rows and facet not in table.columns]
    if lacking:
        raise FairpruneError(
            f"{path}: no column {', '.join(lacking)}; mitweet has I1 to I12 (found: "
            f"{shortened(', '.join(table.columns))})"
        )
    return single_opinions(table.mapped(_row), "mitweet", text="tweet", label="ideology")


def _row(raw: Row, where: str) -> Row:
    named = {_code(raw.get(facet), f"{where}, column {facet!r}") for facet in FACETS} - {UNRELATED}
    ideology = MIXED if len(named) > 1 else next(iter(named), UNRELATED)
    return {**raw, "ideology": ideology}


def _code(cell: object, where: str) -> str:
    code = label_of(cell, where)
    if code not in CODES:
        raise FairpruneError(
            f"{where}: {shortened(code, 40)!r} is none of {', '.join(CODES)}; an early version of "
            "the files counts from 0 to 4 and means others by 1 and 2: take the current files"
        )
    return code
