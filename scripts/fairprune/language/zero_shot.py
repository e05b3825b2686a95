"""Zero-shot tasks of lm-eval on a model in memory: no checkpoint is written.

lm-eval is an optional extra: only this file imports it.
"""

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError, shortened, unknown
from fairprune.language.items import check_columns, item_rows, metric_name, refuse_nan
from fairprune.language.local_tasks import local_task
from fairprune.language.task_files import metric_names, task_files
from fairprune.language.task_names import named_below

BATCH = 8
BOOTSTRAP = 100  # for the few metrics whose standard error has no formula


@dataclass(frozen=True)
class Tasks:
    """What is measured: lm-eval's manager, what it is asked for, and every task by name."""

    manager: Any
    asked: list[str | dict[str, Any]]
    known: Mapping[str, Any]


def find_tasks(
    tasks: Sequence[str],
    include_path: Path | None = None,
    functions: Sequence[Path] = (),
    data: Mapping[str, Sequence[Path]] | None = None,
) -> Tasks:
    """The tasks, after loading every task's data once.

    Args:
        tasks: names of tasks.
        include_path: folder of further tasks (YAML files), beside lm-eval's own.
        functions: Python files whose functions those may call.
        data: of this project's tasks the files that each reads (`parse_data`).

    Raises:
        FairpruneError: lm-eval is not installed, no such folder, an unknown task, a task whose
            data cannot be had, or one that would run code which is not named.
    """
    if include_path is not None:
        task_files(include_path, functions)
    try:
        from lm_eval.tasks import TaskManager
    except ImportError as error:
        raise FairpruneError(
            f"--zero-shot needs lm-eval, which cannot be imported ({error}): "
            "install the zero-shot extra, or leave --zero-shot out"
        ) from None
    local = {name: local_task(name, files) for name, files in (data or {}).items()}
    if include_path is not None:
        _check_metrics(include_path)
    _sandbox()
    folder, others = include_path and str(include_path), set(tasks) - local.keys()
    manager = TaskManager(include_path=folder, include_defaults=False)
    if not others <= set(manager.all_tasks):
        manager = TaskManager(include_path=folder)  # reads the thousands that lm-eval has
    asked = [local.get(task, task) for task in tasks]
    own = named_below(include_path) if include_path else set()
    known: dict[str, Any] = {}
    for task, what in zip(tasks, asked, strict=True):
        if task not in local and task not in manager.all_tasks:
            near = ", ".join(difflib.get_close_matches(task, manager.all_tasks, n=3))
            raise FairpruneError(
                f"unknown zero-shot task {task!r}; {f'near: {near}; ' if near else ''}"
                "`lm_eval ls tasks` lists them all"
            )
        try:
            known |= manager.load([what])["tasks"]
        except Exception as error:  # of datasets, of the hub, of the task's own code
            line = shortened(f"{type(error).__name__}: {error}".rstrip(": "), 300)
            where = f"see its keys and data files below {include_path}"
            network = "without a network its data must be in the Hugging Face cache"
            raise FairpruneError(
                f"zero-shot task {task!r} cannot be loaded: {line}; "
                f"{where if task in own else network}"
            ) from None
    for task, made in known.items():
        check_columns(task, made)
    return Tasks(manager, asked, known)


def _check_metrics(folder: Path) -> None:
    """Refuse metrics that lm-eval would look for, and run, elsewhere."""
    import lm_eval.api.metrics  # noqa: F401 (it registers them)
    from lm_eval.api.registry import metric_registry

    known = set(metric_registry)
    for name, file in metric_names(folder).items():
        if name not in known:
            raise unknown("metric", name, known, f" in {file}")


def _sandbox() -> None:
    """Let the templates of tasks reach nothing but the items that they are filled with."""
    from jinja2.sandbox import SandboxedEnvironment
    from lm_eval import utils

    if not isinstance(utils.env, SandboxedEnvironment):
        inside = SandboxedEnvironment(
            loader=utils.env.loader, undefined=utils.env.undefined, keep_trailing_newline=True
        )
        inside.filters |= utils.env.filters
        utils.env = inside


def zero_shot(
    model: Any, tokenizer: Any, tasks: Tasks
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Scores of a model on lm-eval tasks, and what it got on each item.

    Args:
        model: causal language model in evaluation mode.
        tokenizer: its tokenizer.
        tasks: from `find_tasks`.

    Returns:
        One row a task and metric: `task, metric, value, stderr, n, shots, version`; `stderr`
        is None where lm-eval gives none. And the rows of `item_rows`.

    Raises:
        FairpruneError: the model gives NaN on some item.
    """
    from lm_eval import simple_evaluate
    from lm_eval.api.metrics import mean
    from lm_eval.models.huggingface import HFLM

    found = simple_evaluate(
        model=HFLM(pretrained=model, tokenizer=tokenizer, batch_size=BATCH),
        tasks=tasks.asked,
        task_manager=tasks.manager,
        bootstrap_iters=BOOTSTRAP,
        log_samples=True,
    )
    refuse_nan(found["samples"])
    items = item_rows(found["samples"], tasks.known, mean)
    counted = Counter((row["task"], row["metric"]) for row in items)
    rows = []
    for task, figures in sorted(found["results"].items()):
        for key, value in sorted(figures.items()):
            metric, comma, chosen = key.partition(",")
            if not comma or metric.endswith("_stderr") or not isinstance(value, int | float):
                continue
            stderr, name = figures.get(f"{metric}_stderr,{chosen}"), metric_name(metric, chosen)
            every = found.get("n-samples", {}).get(task, {}).get("effective")
            rows.append(
                {
                    "task": task,
                    "metric": name,
                    "value": float(value),
                    "stderr": float(stderr) if isinstance(stderr, int | float) else None,
                    "n": counted.get((task, name), every),
                    "shots": found.get("n-shot", {}).get(task),
                    "version": str(found.get("versions", {}).get(task)),
                }
            )
    return rows, items
