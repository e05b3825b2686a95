"""Rows of a file as inputs, or as single opinions; every mistake named with its file and row."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fairprune.data.cells import label_of, name_of, text_of
from fairprune.data.columns import FIELDS, find_column, match_columns
from fairprune.data.labels import LabelRule, apply_rule
from fairprune.data.lists import SEPARATOR, split_labels, split_opinions, split_references
from fairprune.data.mixes import derive_mix
from fairprune.data.opinions import Opinions
from fairprune.data.split_names import split_name
from fairprune.errors import FairpruneError, unknown
from fairprune.io.table_files import Table, stem_of


@dataclass(frozen=True)
class Layout:
    """How the rows of a file are to be understood.

    Attributes:
        columns: our field → their column, where the names differ.
        rule: which values stand for which group; None: labels are groups.
        groups: labels that may occur; empty: any.
        ignore: labels that are no group; they may occur and do not count for the mix.
        group_by: the column of what single opinions are about; None: they are of one kind.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    rule: LabelRule | None = None
    groups: Sequence[str] = ()
    ignore: Sequence[str] = ()
    group_by: str | None = None


@dataclass(frozen=True)
class Row:
    """An input with where it came from, and the split that the file gave it, if any."""

    input: Opinions
    split: str | None
    where: str


@dataclass(frozen=True)
class Labelled:
    """One opinion, its group, the split that its file gave it, and what it is about, if said."""

    text: str
    label: str
    split: str | None = None
    about: str | None = None


def holds_single(table: Table, columns: Mapping[str, str]) -> bool:
    """Whether the rows are single opinions (`text`) rather than inputs."""
    match = match_columns(table.columns, columns, table.where(0))
    if not {"text", "opinions"} <= set(match):
        return "text" in match
    if ("text" in columns) != ("opinions" in columns):
        return "text" in columns
    first = next((row[match["opinions"]] for row in table.rows if row.get(match["opinions"])), "")
    if isinstance(first, list) or (isinstance(first, str) and SEPARATOR.search(first)):
        return False
    raise FairpruneError(
        f"{table.path}: opinions in column {match['text']!r} or {match['opinions']!r}? Say which: "
        "--columns text=COLUMN where a row is one opinion, --columns opinions=COLUMN where it is a "
        "list of them"
    )


def parse_rows(table: Table, layout: Layout = Layout()) -> list[Row]:
    """Inputs from the rows of one file.

    Opinions are a list, or a text separated by ` || `; labels are a list, or a text (see
    `data/README.md`). An input without an id is called by its file and place.

    Raises:
        FairpruneError: a missing column, or a row that is no input.
    """
    read = []
    match = _matched(table, layout, ("opinions", "labels"))
    for value, where in _cells(table, match):
        opinions = split_opinions(value.get("opinions"), where)
        labels = split_labels(value.get("labels"), where)
        if len(labels) != len(opinions):
            raise FairpruneError(
                f"{where}: {len(opinions)} opinions but {len(labels)} labels; one each is needed"
            )
        read.append((value, opinions, labels, where))
    named = _named(((label, where) for *_, labels, where in read for label in labels), layout)
    found = []
    for place, (value, opinions, labels, where) in enumerate(read):
        labels = [named.get(label, label) for label in labels]
        check_labels(labels, layout.groups, layout.ignore, where)
        item = Opinions(
            id=name_of(value.get("id"), f"{where}, id")
            or f"{stem_of(table.path)}-{table.numbers[place] - 1:05d}",
            opinions=opinions,
            labels=labels,
            mix=name_of(value.get("mix"), f"{where}, mix") or derive_mix(labels, layout.ignore),
            references=split_references(value.get("references"), where),
        )
        found.append(Row(item, split_name(name_of(value.get("split"), where), where), where))
    return found


def parse_opinions(table: Table, layout: Layout) -> list[Labelled]:
    """Single opinions from the rows of one file (`text`, `label`).

    Raises:
        FairpruneError: a missing column, or a row without a text, a label or what it is about.
    """
    read = []
    if not table.rows:
        return []
    names = _matched(table, layout, ("text", "labels"))
    about = layout.group_by and find_column(
        table.columns, layout.group_by, table.where(0), "--group-by"
    )
    for place, (value, where) in enumerate(_cells(table, names)):
        text = text_of(value["text"], f"{where}, column {names['text']!r}")
        label = label_of(value["labels"], f"{where}, column {names['labels']!r}")
        split = split_name(name_of(value.get("split"), where), where)
        set_of = None
        if about:
            what = f"{where}, column {about!r}"
            set_of = name_of(table.rows[place].get(about), what)
            if set_of is None:
                raise FairpruneError(f"{what} is empty; group_by needs it in each row")
        read.append((Labelled(text, label, split, set_of), where))
    named = _named(((opinion.label, where) for opinion, where in read), layout)
    found = []
    for opinion, where in read:
        label = named.get(opinion.label, opinion.label)
        check_labels([label], layout.groups, layout.ignore, where)
        found.append(Labelled(opinion.text, label, opinion.split, opinion.about))
    return found


def check_ids(rows: Sequence[Row]) -> None:
    """Raise a FairpruneError where two inputs have one id."""
    seen: dict[str, str] = {}
    for row in rows:
        if row.input.id in seen:
            raise FairpruneError(
                f"{row.where}: id {row.input.id!r} is that of {seen[row.input.id]} too; "
                "every input needs its own"
            )
        seen[row.input.id] = row.where


def check_labels(
    labels: Sequence[str], groups: Collection[str], ignore: Collection[str], where: str
) -> None:
    """Raise a FairpruneError where a label is neither a declared group nor ignored."""
    if groups:
        for label in labels:
            if label not in groups and label not in ignore:
                raise unknown("label", label, {*groups, *ignore}, f" in {where}")


def _matched(table: Table, layout: Layout, needed: Sequence[str]) -> dict[str, str]:
    """{our field: the column that holds it}; nothing where there are no rows."""
    if not table.rows:
        return {}
    match = match_columns(table.columns, layout.columns, table.where(0))
    for name in needed:
        if name not in match:
            raise _no_column(name, table)
    return match


def _cells(table: Table, match: Mapping[str, str]) -> Iterator[tuple[dict[str, Any], str]]:
    """{our field: cell} of every row, and where it stands."""
    for place, row in enumerate(table.rows):
        yield {ours: row.get(column) for ours, column in match.items()}, table.where(place)


def _named(found: Iterator[tuple[str, str]], layout: Layout) -> dict[str, str]:
    return apply_rule(layout.rule, found) if layout.rule else {}


def _no_column(name: str, table: Table) -> FairpruneError:
    names = " or ".join(repr(known) for known in FIELDS[name])
    hint = unknown("column", FIELDS[name][0], table.columns)
    say = f"--columns {name}=COLUMN"
    if name == "opinions":
        say = f"--columns text=COLUMN where a row is one opinion, {say} where it is a list of them"
    return FairpruneError(f"{table.where(0)}: no column {names} for the {name}; say {say} ({hint})")
