"""From the user's files to the inputs of every split, and what is to be said of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fairprune.data.groups import Grouping, group_opinions, with_all_splits
from fairprune.data.ids import distinct
from fairprune.data.importers import find_importer, import_table
from fairprune.data.labels import parse_rule
from fairprune.data.opinions import Opinions
from fairprune.data.rows import (
    Labelled,
    Layout,
    check_ids,
    holds_single,
    parse_opinions,
    parse_rows,
)
from fairprune.data.sets import set_inputs
from fairprune.data.split_names import SPLITS
from fairprune.data.splits import assign_splits, normalise, said
from fairprune.errors import FairpruneError, shortened
from fairprune.io.hashing import derive_seed
from fairprune.io.table_files import Reading, stem_of

SHARED = "with opinions in common: verdicts will hold for further inputs of these opinions only"


def split_files(
    files: Sequence[Path],
    *,
    format_name: str,
    layout: Layout,
    reading: Reading,
    grouping: Grouping,
    seed: int,
) -> tuple[dict[str, list[Opinions]], list[str]]:
    """The inputs of every split, and in words how the files were read and what that came to.

    The last note says how many independent inputs the test split has.

    Args: see `prepare.prepare_task`.

    Raises:
        FairpruneError: a mistake in the files (named with file and row).
    """
    layout = with_rule(layout, Path(files[0]), format_name)
    tables = [import_table(path, format_name, reading) for path in files]
    notes = [f"{table.path}: {note}" for table in tables for note in table.notes]
    first = next((table for table in tables if table.rows), None)
    if first is None:
        raise FairpruneError(f"{', '.join(map(str, files))}: no rows; a task needs inputs")
    root = derive_seed(seed, "splits")
    if holds_single(first, layout.columns):
        found = [opinion for table in tables for opinion in parse_opinions(table, layout)]
        _check_splits(found, first.path)
        found = with_all_splits(found, root)
        labels = Counter(opinion.label for opinion in found)
        ignored = sum(labels.pop(label, 0) for label in layout.ignore)
        known = [group for group in layout.groups if group in labels] or sorted(labels)
        _check_groups({group: labels[group] for group in known}, first.path)
        notes += [f"{ignored} opinions of labels that are no group are left out"] if ignored else []
        notes += [*_again(found), *_alike(known)]
        name = stem_of(Path(files[0]))
        if layout.group_by is not None:
            splits, made = set_inputs(found, known, grouping, root, name, layout.group_by)
            return splits, [*notes, made]
        splits, sizes = group_opinions(found, known, grouping, root, name)
        if grouping.reuse:
            made = f"{len(splits['test'])} inputs of {sizes.size}, {SHARED}"
            return splits, [*notes, made]
        return splits, [*notes, sizes.said()]
    if layout.group_by is not None:
        raise FairpruneError(
            f"{first.path}: group_by is for single opinions; here every row is an input already"
        )
    inputs = distinct([(table.path, parse_rows(table, layout)) for table in tables])
    check_ids(inputs)
    notes += _alike({label for row in inputs for label in row.input.labels})
    if all(len(row.input.opinions) == 1 for row in inputs):
        notes.append("every input is one opinion: to put opinions together, --columns text=COLUMN")
    splits = assign_splits(inputs, root)
    return splits, [*notes, said(splits["test"], len(inputs))]


def _check_splits(found: Sequence[Labelled], path: Path) -> None:
    without = sum(opinion.split is None for opinion in found)
    if 0 < without < len(found):
        raise FairpruneError(
            f"{path}: {without} of {len(found)} opinions have no split, though the others name "
            "theirs: give one to each, or to none"
        )


def _check_groups(counts: Mapping[str, int], path: Path) -> None:
    rare = {group: count for group, count in counts.items() if count < len(SPLITS)}
    if rare and len(counts) > 1:
        listed = ", ".join(f"{shortened(group, 40)!r} ({count})" for group, count in rare.items())
        raise FairpruneError(
            f"{path}: too few opinions of {listed}: correct the label where it is misspelt, put it "
            "to another group (--labels), or ignore it (--ignore)"
        )


def _again(found: Sequence[Labelled]) -> list[str]:
    """A note on texts that stand there more than once, of which the first counts."""
    first: dict[str, str] = {}
    again = other = 0
    for opinion in found:
        text = normalise(opinion.text)
        again += text in first
        other += first.setdefault(text, opinion.label) != opinion.label
    if not again:
        return []
    labels = f", {other} of them with another label" if other else ""
    return [f"{again} opinions repeat an earlier one and are left out{labels}"]


def _alike(labels: Iterable[str]) -> list[str]:
    """A note on labels that are perhaps one."""
    spelt: dict[str, list[str]] = {}
    for label in sorted(labels):
        spelt.setdefault(label.casefold(), []).append(label)
    pairs = [" and ".join(map(repr, same)) for same in spelt.values() if len(same) > 1]
    return [f"labels that differ in case alone are groups of their own: {p}" for p in pairs]


def with_rule(layout: Layout, path: Path, format_name: str) -> Layout:
    """The layout with the rule of labels of the file's format, where it has none of its own.

    Raises:
        FairpruneError: an unknown format or ending.
    """
    rule = find_importer(path, format_name).labels
    if layout.rule is not None or rule is None:
        return layout
    return replace(layout, rule=parse_rule(rule))
