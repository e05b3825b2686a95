"""From the user's files to one split of a task: the step, and its file."""

import sys
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from fairprune.data.columns import parse_columns
from fairprune.data.groups import Grouping
from fairprune.data.labels import parse_pairs, parse_rule
from fairprune.data.opinions import Opinions
from fairprune.data.rows import Layout
from fairprune.data.split_files import split_files
from fairprune.data.split_names import SPLITS
from fairprune.data.tasks import write_task
from fairprune.errors import FairpruneError, unknown
from fairprune.io.cards import write_card
from fairprune.io.table_files import Reading


def prepare_task(
    files: Sequence[Path],
    output: Path,
    *,
    split: str,
    format_name: str = "auto",
    columns: Sequence[str] = (),
    labels: Sequence[str] = (),
    groups: Sequence[str] = (),
    ignore: Sequence[str] = (),
    group_by: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    limit: int | None = None,
    grouping: Grouping | None = None,
    seed: int = 42,
) -> Path:
    """Write one split of a task as Parquet, with a card.

    Args:
        files: the user's files, read one after the other as one set.
        output: the Parquet file.
        split: train, calibration or test.
        format_name: an importer, or auto.
        columns: `KEY=COLUMN` each, where the file's names differ from ours.
        labels: `NAME=VALUE` each: a value of the file, or a range (1-2), that stands for a group.
        groups: labels that may occur; empty: any.
        ignore: labels that may occur and are no group.
        group_by: the column of what single opinions are about; an input is then of one of these.
        encoding, delimiter, sheet: what a file does not say itself; see `Reading`.
        limit: at most so many inputs, every mix in turn, those of one group last.
        grouping: how single labelled opinions (`text`, `label`) are put into inputs.
        seed: root seed of splits and groups.

    Raises:
        FairpruneError: a mistake in the files (named with file and row), or an empty split.
    """
    if split not in SPLITS:
        raise unknown("split", split, SPLITS, " in --split")
    asked, named = parse_columns(columns), parse_pairs(labels)
    rule = parse_rule(named) if named else None
    layout = Layout(asked, rule, groups, ignore, group_by)
    plan, how = grouping or Grouping(), Reading(encoding, delimiter, sheet)
    splits, notes = split_files(
        files, format_name=format_name, layout=layout, reading=how, grouping=plan, seed=seed
    )
    chosen = _limited(splits[split], limit, ignore)
    if not chosen:
        numbers = ", ".join(f"{name} {len(splits[name])}" for name in SPLITS)
        raise FairpruneError(
            f"{files[0]}: no inputs for the split {split!r} (there are: {numbers}); give more "
            "inputs that share no opinions, or a column `split`"
        )
    for note in notes if split == "test" else notes[:-1]:
        print(f"note: {note}", file=sys.stderr)
    write_task(output, chosen)
    parameters = {
        "split": split,
        "format": format_name,
        "columns": asked,
        "labels": named,
        "groups": list(groups),
        "ignore": list(ignore),
        "group_by": group_by,
        "reading": vars(how),
        "limit": limit,
        "grouping": vars(plan),
    }
    inputs_of = {f"input_{i}": path for i, path in enumerate(files)}
    write_card(
        output,
        stage="prepare_task",
        files=[output],
        parameters=parameters,
        inputs=inputs_of,
        seed=seed,
        figures={**_figures(chosen), "made": notes[-1], "read": notes[:-1]},
    )
    return output


def _limited(items: list[Opinions], limit: int | None, ignore: Collection[str]) -> list[Opinions]:
    """At most `limit` inputs, every mix in turn, in the given order.

    Inputs of one group come last: no summary of them can be unfair.
    """
    if limit is None or len(items) <= limit:
        return items
    turn: Counter[str] = Counter()
    ranked = []
    for place, item in enumerate(items):
        alone = len({*item.labels} - {*ignore}) < 2
        ranked.append((alone, turn[item.mix], place))
        turn[item.mix] += 1
    return [items[place] for place in sorted(place for *_, place in sorted(ranked)[:limit])]


def _figures(items: list[Opinions]) -> dict[str, Any]:
    labels = Counter(label for item in items for label in item.labels)
    return {
        "inputs": len(items),
        "opinions": sum(len(item.opinions) for item in items),
        "labels": dict(sorted(labels.items())),
        "mixes": dict(sorted(Counter(item.mix for item in items).items())),
        "with_references": sum(bool(item.references) for item in items),
    }
