"""Zero-shot tasks of lm-eval on a model in memory: no checkpoint is written.

lm-eval is an optional extra: only this file imports it.
"""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError

BATCH = 8
BOOTSTRAP = 100  # for the few metrics whose standard error has no formula


def find_tasks(tasks: Sequence[str], include_path: Path | None = None):
    """lm-eval's task manager, after loading every task's data once.

    Args:
        tasks: names of tasks.
        include_path: folder of further tasks (YAML files), beside lm-eval's own.

    Raises:
        FairpruneError: lm-eval is not installed, no such folder, an unknown task, or a task whose
            data cannot be had.
    """
    if include_path is not None and not include_path.is_dir():
        raise FairpruneError(f"--include-path {include_path} is no folder: give one of YAML tasks")
    try:
        from lm_eval.tasks import TaskManager
    except ImportError as error:
        raise FairpruneError(
            f"--zero-shot needs lm-eval, which cannot be imported ({error}): "
            "install the zero-shot extra, or leave --zero-shot out"
        ) from None
    folder = str(include_path) if include_path else None
    manager = TaskManager(include_path=folder, include_defaults=False) if folder else None
    if manager is None or not set(tasks) <= set(manager.all_tasks):
        manager = TaskManager(include_path=folder)  # reads the thousands that lm-eval has
    for task in tasks:
        if task not in manager.all_tasks:
            near = ", ".join(difflib.get_close_matches(task, manager.all_tasks, n=3))
            raise FairpruneError(
                f"unknown zero-shot task {task!r}; {f'near: {near}; ' if near else ''}"
                "`lm_eval ls tasks` lists them all"
            )
        try:
            manager.load([task])
        except Exception as error:  # of datasets, of the hub, of the task's own code
            line = " ".join(str(error).split())[:300]
            raise FairpruneError(
                f"zero-shot task {task!r} cannot be loaded: {type(error).__name__}: {line}; "
                "without a network its data must be in the Hugging Face cache"
            ) from None
    return manager


def zero_shot(model, tokenizer, tasks: Sequence[str], manager) -> list[dict[str, Any]]:
    """Scores of a model on lm-eval tasks.

    Args:
        model: causal language model in evaluation mode.
        tokenizer: its tokenizer.
        tasks: names that `manager` knows.
        manager: from `find_tasks`.

    Returns:
        One row a task and metric: `task, metric, value, stderr, n, shots, version`; `stderr`
        is None where lm-eval gives none.
    """
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM

    found = simple_evaluate(
        model=HFLM(pretrained=model, tokenizer=tokenizer, batch_size=BATCH),
        tasks=list(tasks),
        task_manager=manager,
        bootstrap_iters=BOOTSTRAP,
        log_samples=False,
    )
    rows = []
    for task, figures in sorted(found["results"].items()):
        for key, value in sorted(figures.items()):
            metric, comma, chosen = key.partition(",")
            if not comma or metric.endswith("_stderr") or not isinstance(value, int | float):
                continue
            stderr = figures.get(f"{metric}_stderr,{chosen}")
            rows.append(
                {
                    "task": task,
                    "metric": metric if chosen == "none" else f"{metric} ({chosen})",
                    "value": float(value),
                    "stderr": float(stderr) if isinstance(stderr, int | float) else None,
                    "n": found.get("n-samples", {}).get(task, {}).get("effective"),
                    "shots": found.get("n-shot", {}).get(task),
                    "version": str(found.get("versions", {}).get(task)),
                }
            )
    return rows
