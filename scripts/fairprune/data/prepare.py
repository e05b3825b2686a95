"""From the user's files to one split of a task: the step, and its file."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fairprune.data.columns import match_columns, parse_columns
from fairprune.data.groups import Grouping, Labelled, group_opinions
from fairprune.data.ids import distinct
from fairprune.data.importers import import_rows
from fairprune.data.opinions import Opinions
from fairprune.data.rows import check_ids, check_labels, clean, parse_rows, split_labels
from fairprune.data.splits import SPLITS, assign_splits, said
from fairprune.data.tasks import write_task
from fairprune.errors import FairpruneError, unknown
from fairprune.io.cards import write_card
from fairprune.io.hashing import derive_seed

SHARED = "with opinions in common: verdicts will hold for further inputs of these opinions only"


def prepare_task(
    files: Sequence[Path],
    output: Path,
    *,
    split: str,
    format_name: str = "auto",
    columns: Sequence[str] = (),
    groups: Sequence[str] = (),
    ignore: Sequence[str] = (),
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
        groups: labels that may occur; empty: any.
        ignore: labels that may occur and are no group.
        limit: at most so many inputs, every mix in turn; the others are left out.
        grouping: how single labelled opinions (`text`, `label`) are put into inputs.
        seed: root seed of splits and groups.

    Raises:
        FairpruneError: a mistake in the files (named with file and row), or an empty split.
    """
    if split not in SPLITS:
        raise unknown("split", split, SPLITS, " in --split")
    asked = parse_columns(columns)
    options = {"columns": asked, "groups": groups, "ignore": ignore}
    plan = grouping or Grouping()
    splits, made = split_files(files, format_name=format_name, grouping=plan, seed=seed, **options)
    chosen = _limited(splits[split], limit)
    if not chosen:
        numbers = ", ".join(f"{name} {len(splits[name])}" for name in SPLITS)
        raise FairpruneError(
            f"{files[0]}: no inputs for the split {split!r} (there are: {numbers}); give more "
            "inputs that share no opinions, or a column `split`"
        )
    if split == "test":
        print(f"note: {made}", file=sys.stderr)
    write_task(output, chosen)
    parameters = {
        "split": split,
        "format": format_name,
        "columns": asked,
        "groups": list(groups),
        "ignore": list(ignore),
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
        figures={**_figures(chosen), "made": made},
    )
    return output


def split_files(
    files: Sequence[Path],
    *,
    format_name: str,
    columns: Mapping[str, str],
    groups: Sequence[str],
    ignore: Sequence[str],
    grouping: Grouping,
    seed: int,
) -> tuple[dict[str, list[Opinions]], str]:
    """The inputs of every split, and how many independent ones the test split has, in words.

    Args: see `prepare_task`.

    Raises:
        FairpruneError: a mistake in the files (named with file and row).
    """
    options = {"columns": columns, "groups": groups, "ignore": ignore}
    raw = [(path, import_rows(path, format_name)) for path in files]
    if not any(rows for _, rows in raw):
        raise FairpruneError(f"{', '.join(map(str, files))}: no rows; a task needs inputs")
    root = derive_seed(seed, "splits")
    if _single_opinions(raw, columns):
        found, known = _labelled(raw, **options)
        splits, sizes = group_opinions(found, known, grouping, root, Path(files[0]).stem)
        if grouping.reuse:
            return splits, f"{len(splits['test'])} inputs of {sizes.size}, {SHARED}"
        return splits, sizes.said()
    inputs = distinct([(path, parse_rows(rows, path, **options)) for path, rows in raw])
    check_ids(inputs)
    splits = assign_splits(inputs, root)
    return splits, said(splits["test"], len(inputs))


def _single_opinions(raw: list[tuple[Path, list[dict[str, Any]]]], asked: dict[str, str]) -> bool:
    """Whether the rows are single opinions (`text`) rather than inputs."""
    path, rows = next((path, rows) for path, rows in raw if rows)
    match = match_columns(rows[0], asked, f"{path}, row 1")
    return "text" in match and "opinions" not in match


def _labelled(
    raw: list[tuple[Path, list[dict[str, Any]]]],
    columns: dict[str, str],
    groups: Sequence[str],
    ignore: Sequence[str],
) -> tuple[list[Labelled], list[str]]:
    """Single opinions of all files, and the groups that they are made into inputs of."""
    found = []
    for path, rows in raw:
        for number, row in enumerate(rows, 1):
            where = f"{path}, row {number}"
            match = match_columns(row, columns, where)
            for field in ("text", "labels"):
                if field not in match or not str(row[match[field]] or "").strip():
                    raise FairpruneError(f"{where}: no {field}; every opinion needs text and label")
            (label,) = split_labels([row[match["labels"]]], where)
            check_labels([label], groups, ignore, where)
            split = str(row[match["split"]]) if "split" in match else None
            found.append(Labelled(clean(str(row[match["text"]]), where), label, split))
    labels = {opinion.label for opinion in found} - set(ignore)
    return found, [group for group in groups if group in labels] or sorted(labels)


def _limited(items: list[Opinions], limit: int | None) -> list[Opinions]:
    """At most `limit` inputs, every mix in turn, in the given order."""
    if limit is None or len(items) <= limit:
        return items
    turn: Counter[str] = Counter()
    ranked = []
    for place, item in enumerate(items):
        ranked.append((turn[item.mix], place))
        turn[item.mix] += 1
    return [items[place] for place in sorted(place for _, place in sorted(ranked)[:limit])]


def _figures(items: list[Opinions]) -> dict[str, Any]:
    labels = Counter(label for item in items for label in item.labels)
    return {
        "inputs": len(items),
        "opinions": sum(len(item.opinions) for item in items),
        "labels": dict(sorted(labels.items())),
        "mixes": dict(sorted(Counter(item.mix for item in items).items())),
        "with_references": sum(bool(item.references) for item in items),
    }
