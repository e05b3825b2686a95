"""A task of the configuration, as the functions that read its files take it."""

from fairprune.config import Task
from fairprune.data.cells import label_of
from fairprune.data.columns import parse_columns
from fairprune.data.labels import parse_rule
from fairprune.data.rows import Layout
from fairprune.io.table_files import Reading


def label_pairs(task: Task) -> list[str]:
    """The rule of its labels as `GROUP=VALUE` texts, as `parse_pairs` takes them."""
    return [
        f"{group}={label_of(value, 'labels')}"
        for group, values in task.labels.items()
        for value in values
    ]


def layout_of(task: Task) -> Layout:
    """How the rows of its files are to be understood."""
    return Layout(
        parse_columns([f"{ours}={its}" for ours, its in task.columns.items()]),
        parse_rule(task.labels) if task.labels else None,
        task.groups or (),
        task.ignore,
        task.group_by,
    )


def reading_of(task: Task) -> Reading:
    """What is said of its files that they do not say themselves."""
    return Reading(task.encoding, task.delimiter, task.sheet)
