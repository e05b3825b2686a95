"""What is said of the inputs before a run: how many independent ones each task has."""

from pathlib import Path

from fairprune.config import Configuration, Task
from fairprune.data.groups import Grouping
from fairprune.data.split_files import split_files
from fairprune.errors import FairpruneError
from fairprune.workflow.task_files import layout_of, reading_of

LARGEST = 20_000_000  # bytes that are read for this before every run


def unit_lines(config: Configuration) -> list[str]:
    """A line a task whose files are here: how many inputs are judged, and what would be needed.

    Files of over 20 MB in all are left to the step that reads them. What is wrong in files is said
    here already, and stops the step that reads them.
    """
    lines = []
    for name, task in config.tasks.items():
        files = [Path(file) for file in task.files]
        if all(f.is_file() for f in files) and sum(f.stat().st_size for f in files) <= LARGEST:
            try:
                lines.append(f"task {name}: {_said(files, task, config.seed)}")
            except FairpruneError as error:
                lines.append(f"task {name} cannot be read: {error}")
    return lines


def _said(files: list[Path], task: Task, seed: int) -> str:
    size = None if task.per_input == "auto" else task.per_input
    _, notes = split_files(
        files,
        format_name=task.format,
        layout=layout_of(task),
        reading=reading_of(task),
        grouping=Grouping(size, task.per_mix, reuse=task.reuse),
        seed=seed,
    )
    said = "; ".join(notes)
    return f"{said}; at most {task.limit} are judged" if task.limit else said
