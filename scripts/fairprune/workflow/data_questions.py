"""The questions about a file of labelled opinions: asked where the file does not answer itself."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fairprune.data.cells import label_of
from fairprune.data.columns import find_column, match_columns, parse_columns
from fairprune.data.groups import Grouping, default_mixes
from fairprune.data.importers import import_table
from fairprune.data.labels import apply_rule, parse_pairs, parse_rule
from fairprune.data.lists import list_of
from fairprune.data.rows import Layout, holds_single, parse_opinions, parse_rows
from fairprune.data.sizes import choose
from fairprune.data.split_files import split_files, with_rule
from fairprune.errors import FairpruneError, UnsaidError, shortened, unknown
from fairprune.io.table_files import Reading, Table, missing
from fairprune.workflow.answers import ask

STARS = {"neg": ["1-2.5"], "neu": ["3"], "pos": ["3.5-5"]}
NO_GROUP = {"neutral", "neu", "none", "other", "unknown", "mixed", "irrelevant"}
OF_TEXTS = ("review", "text", "tweet", "comment", "content", "body", "opinion", "message")
OF_LABELS = ("label", "rating", "star", "overall", "sentiment", "stance", "polarity", "score")
OF_SETS = ("product", "asin", "business", "hotel", "item", "topic", "target", "entity", "brand")
NONE = "none"


@dataclass(frozen=True)
class Data:
    """What a file of labelled opinions holds, and what a configuration says of it.

    Attributes:
        path: the file.
        groups: group → its opinions.
        single: whether its rows are single opinions.
        rule: group → the values that stand for it, where the user gave a rule.
        layout: how its rows are understood.
        reading: what it does not say itself.
        format_name: an importer, or auto.
        said: how many inputs that gives, in words.
    """

    path: Path
    groups: dict[str, int]
    single: bool
    layout: Layout
    reading: Reading
    format_name: str = "auto"
    rule: dict[str, list[str]] = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True)
class Given:
    """Answers that were given as options; empty or None: they are asked for where needed."""

    columns: str = ""
    labels: str = ""
    ignore: str | None = None
    group_by: str | None = None
    format_name: str = "auto"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None


def ask_data(path: str | None, given: Given) -> Data:
    """Ask for a file, and for what cannot be seen in it.

    Raises:
        FairpruneError: a file that a run would refuse, or a given answer that does not fit it.
        SystemExit: the answers ended.
    """
    table, reading = ask(
        "File of labelled opinions", path, "", lambda answer: _open(Path(answer), given)
    )
    columns = _columns(table, parse_columns(_parts(given.columns)))
    single = holds_single(table, columns)
    plain = with_rule(Layout(columns), table.path, given.format_name)
    values = _counted(table, plain, single)
    rule = _rule(values, plain, given.labels)
    layout = replace(plain, rule=parse_rule(rule)) if rule else plain
    found = _counted(table, layout, single) if rule else values
    ignore = _ignored(found, given.ignore)
    groups = {label: count for label, count in found.items() if label not in ignore}
    if len(groups) < 2:
        raise FairpruneError(
            f"{table.path}: fairness needs opinions of two groups, not {list(groups)}"
        )
    about = _about(table, columns, given.group_by) if single else None
    layout = replace(layout, groups=tuple(groups), ignore=ignore, group_by=about)
    data = Data(table.path, groups, single, layout, reading, given.format_name, rule)
    return replace(data, said=_checked(data))


def _open(path: Path, given: Given) -> tuple[Table, Reading]:
    """The file's table, asking for what it can be read by as often as that is not clear."""
    reading = Reading(given.encoding, given.delimiter, given.sheet)
    while True:
        try:
            table = import_table(path, given.format_name, reading)
            break
        except UnsaidError as error:
            answer = ask(f"{error}\n{error.option.capitalize()}", None, "", str)
            reading = replace(reading, **{error.option: answer})
    if not table.rows:
        raise FairpruneError(f"{path}: no rows; a task needs opinions")
    return table, reading


def _columns(table: Table, asked: Mapping[str, str]) -> dict[str, str]:
    """Our field → the file's column, where its name is another one."""
    match = match_columns(table.columns, asked, str(table.path))
    found = dict(asked)
    free = [name for name in table.columns if name not in match.values()]
    if not {"text", "opinions"} & set(match):
        column = _which(table, "the texts", free, _likely(free, OF_TEXTS) or _longest(table, free))
        found["opinions" if _holds_lists(table, column) else "text"] = column
        free.remove(column)
    if "labels" not in match:
        found["labels"] = _which(table, "the labels", free, _likely(free, OF_LABELS))
    return found


def _which(table: Table, what: str, names: Sequence[str], likely: str) -> str:
    if not names:
        raise FairpruneError(f"{table.path}: no column is left for {what}: two are needed")
    shown = [f"  {name}: {shortened(_example(table, name), 50)}" for name in names]
    question = "\n".join([*shown, f"Column of {what}"])
    return ask(
        question, None, likely, lambda name: find_column(names, name, str(table.path), "--columns")
    )


def _rule(found: Mapping[str, int], layout: Layout, given: str) -> dict[str, list[str]]:
    """Which values stand for which group, where they are stars or codes."""
    if given:
        return parse_pairs(_parts(given))
    numbers = [value for value in found if re.fullmatch(r"-?\d+(\.\d+)?", value)]
    if layout.rule is not None or len(numbers) < max(3, len(found)):
        return {}
    question = f"The labels are {', '.join(found)}. Groups ({NONE}: each is one; GROUP=FROM-TO)"

    def check(answer: str) -> dict[str, list[str]]:
        rule = {} if answer == NONE else parse_pairs(_parts(answer))
        if rule:
            apply_rule(parse_rule(rule), ((value, "the labels") for value in found))
        return rule

    return ask(question, None, _stars(found), check)


def _stars(found: Iterable[str]) -> str:
    """The groups that are offered: those of stars, where all values are, and two groups occur."""
    rule = parse_rule(STARS)
    groups = {rule.group(value) for value in found}
    if None in groups or not {"neg", "pos"} <= groups:
        return NONE
    return ", ".join(f"{g}={v}" for g, values in STARS.items() if g in groups for v in values)


def _ignored(found: Mapping[str, int], given: str | None) -> list[str]:
    """Labels that are no group."""
    likely = [label for label in found if label.casefold() in NO_GROUP]
    if given is None and len(found) < 3:
        return []

    def check(answer: str) -> list[str]:
        chosen = [] if answer == NONE else _parts(answer)
        for label in chosen:
            if label not in found:
                raise unknown("label", label, found, " in --ignore")
        return chosen

    return ask(
        f"Labels that are no group ({NONE}: all are)", given, ",".join(likely) or NONE, check
    )


def _about(table: Table, columns: Mapping[str, str], given: str | None) -> str | None:
    """The column of what an opinion is about."""
    used = set(match_columns(table.columns, columns, str(table.path)).values())
    names = [name for name in table.columns if name not in used and _repeats(table, name)]

    def check(answer: str) -> str | None:
        if answer == NONE:
            return None
        return find_column(table.columns, answer, str(table.path), "--group-by ")

    if given is None and not names:
        return None
    listed = ", ".join(names)
    question = f"Column of what an opinion is about ({NONE}: all of one matter; {listed})"
    return ask(question, given, _likely(names, OF_SETS) or NONE, check)


def _checked(data: Data) -> str:
    """What a run would make of the file, in words, after its refusals."""
    if data.single and data.layout.group_by is None:
        sizes = choose(data.groups, default_mixes(list(data.groups)), Grouping().inputs)
        if not sizes.inputs:
            few = {label: n for label, n in data.groups.items() if n < 15}
            raise FairpruneError(
                f"{data.path}: too few opinions of a group "
                f"({', '.join(f'{label!r} {n}' for label, n in few.items())}); give at least "
                "fifteen of each, or put groups together"
            )
    splits, notes = split_files(
        [data.path],
        format_name=data.format_name,
        layout=data.layout,
        reading=data.reading,
        grouping=Grouping(),
        seed=42,
    )
    if empty := [name for name in ("test", "calibration") if not splits[name]]:
        raise FairpruneError(
            f"{data.path}: nothing is left for the split {empty[0]}: give more opinions"
        )
    for note in notes[:-1]:
        print(f"note: {note}", file=sys.stderr)
    return notes[-1]


def _counted(table: Table, layout: Layout, single: bool) -> dict[str, int]:
    if single:
        labels = [opinion.label for opinion in parse_opinions(table, layout)]
    else:
        labels = [label for row in parse_rows(table, layout) for label in row.input.labels]
    return dict(sorted(Counter(labels).items()))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _likely(names: Sequence[str], words: Sequence[str]) -> str:
    return next((name for word in words for name in names if word in name.casefold()), "")


def _longest(table: Table, names: Sequence[str]) -> str:
    """The column of the longest texts."""

    def letters(name: str) -> int:
        cells = [row.get(name) for row in table.rows]
        return sum(len(cell) for cell in cells if isinstance(cell, str))

    return max(names, key=letters, default="")


def _example(table: Table, name: str) -> Any:
    """The first cell of a column that holds something."""
    return next((row[name] for row in table.rows if not missing(row.get(name))), "")


def _holds_lists(table: Table, name: str) -> bool:
    value = _example(table, name)
    return " || " in value or list_of(value, name) is not None if isinstance(value, str) else True


def _repeats(table: Table, name: str) -> bool:
    """Whether a column may say what an opinion is about: several values, each of many rows."""
    values = [row.get(name) for row in table.rows]
    if not all(
        isinstance(value, (str, bool, int, float)) and not missing(value) for value in values
    ):
        return False
    different = len({label_of(value, name) for value in values})
    return different > 2 and len(values) >= 6 * different
