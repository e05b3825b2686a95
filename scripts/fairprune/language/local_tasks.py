"""Tasks of this project that read the user's own copy of a set, as lm-eval wants them.

The sets themselves are not here: docs/bias.md says where they come from.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError, unknown
from fairprune.io.table_files import read_table
from fairprune.io.yaml_files import read_yaml
from fairprune.language.tasks import bbq, crows_pairs

FOLDER = Path(__file__).parent / "tasks"
TASKS = {"crows_pairs_local": crows_pairs, "bbq_local": bbq}


def scores_of(name: str) -> list[str]:
    """The scores of a task of `TASKS`."""
    return [score["metric"] for score in read_yaml(FOLDER / f"{name}.yaml")["metric_list"]]


def parse_data(given: Sequence[str], tasks: Sequence[str]) -> dict[str, list[Path]]:
    """`NAME=FILE` each, NAME a task of `TASKS` that is asked for.

    Raises:
        FairpruneError: another form, an unknown name, or a task of these without a file.
    """
    files: dict[str, list[Path]] = {name: [] for name in tasks if name in TASKS}
    for text in given:
        name, sign, file = text.partition("=")
        if not (sign and file):
            raise FairpruneError(f"--data {text!r}: write NAME=FILE, as in bbq_local=Age.jsonl")
        if name not in files:
            raise unknown("task", name, files or TASKS, " in --data (see --zero-shot)")
        files[name].append(Path(file))
    for name, found in files.items():
        if not found:
            raise FairpruneError(
                f"zero-shot task {name!r} reads your own copy of its set: give --data {name}=FILE"
            )
    return files


def local_task(name: str, files: Sequence[Path]) -> dict[str, Any]:
    """A task as lm-eval takes it in place of a name, after reading its files.

    Raises:
        FairpruneError: a file that cannot be read, or that holds no item of the set.
    """
    module = TASKS[name]
    items = module.items([read_table(file) for file in files])
    if not items:
        raise FairpruneError(f"{', '.join(map(str, files))}: no item for {name}: give its set")
    return {
        **read_yaml(FOLDER / f"{name}.yaml"),
        "custom_dataset": partial(_dataset, items),
        "process_results": module.process_results,
    }


def _dataset(items: list[dict[str, Any]], **_: Any) -> Mapping[str, Any]:
    from datasets import Dataset

    return {"test": Dataset.from_list(items)}
