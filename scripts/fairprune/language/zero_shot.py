"""Zero-shot tasks of lm-eval on a model in memory: no checkpoint is written.

lm-eval is an optional extra: only this file imports it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError, unknown


def find_tasks(tasks: Sequence[str], include_path: Path | None = None):
    """lm-eval's task manager, after checking that it knows every task.

    Args:
        tasks: names of tasks.
        include_path: folder of further tasks (YAML files), beside lm-eval's own.

    Raises:
        FairpruneError: lm-eval is not installed, no such folder, or an unknown task.
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
    manager = TaskManager(include_path=str(include_path) if include_path else None)
    for task in tasks:
        if task not in manager.all_tasks:
            raise unknown("zero-shot task", task, manager.all_tasks)
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
        model=HFLM(pretrained=model, tokenizer=tokenizer, batch_size=1),
        tasks=list(tasks),
        task_manager=manager,
        bootstrap_iters=0,
        log_samples=False,
    )
    rows = []
    for task, figures in sorted(found["results"].items()):
        for key, value in sorted(figures.items()):
            metric, comma, _ = key.partition(",")
            if not comma or metric.endswith("_stderr") or not isinstance(value, int | float):
                continue
            stderr = figures.get(key.replace(metric, f"{metric}_stderr", 1))
            rows.append(
                {
                    "task": task,
                    "metric": metric,
                    "value": float(value),
                    "stderr": float(stderr) if isinstance(stderr, int | float) else None,
                    "n": found.get("n-samples", {}).get(task, {}).get("effective"),
                    "shots": found.get("n-shot", {}).get(task),
                    "version": str(found.get("versions", {}).get(task)),
                }
            )
    return rows
