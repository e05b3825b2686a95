"""What can be known before a run of the tasks that language ability is measured on."""

from pathlib import Path

from fairprune.config_judging import Bias, Language
from fairprune.errors import FairpruneError, unknown
from fairprune.language.local_tasks import TASKS, scores_of
from fairprune.language.task_files import task_files
from fairprune.language.task_names import check_task_names, named_below


def check_measured(asked: Language, bias: Bias) -> None:
    """Refuse tasks that nobody knows, that lack their set, or that would run code unasked.

    Goals of scores that nothing measures are refused, too, as far as that can be known: which tasks
    a group of lm-eval's holds, and which scores they have, is seen when they are loaded.

    Raises:
        FairpruneError: it names the key.
    """
    for name in asked.data:
        if name not in TASKS:
            raise unknown("task", name, TASKS, " in language.data")
        _check_asked(name, asked, "language.data")
    for name in asked.zero_shot:
        if name in TASKS and not asked.data.get(name):
            raise FairpruneError(
                f"language.zero_shot: {name} reads your own copy of its set: name its files under "
                f"language.data.{name}; docs/bias.md says where they come from"
            )
    own = set()
    if asked.include_path:
        folder = Path(asked.include_path)
        try:
            task_files(folder, list(map(Path, asked.functions)))
        except FairpruneError as error:
            raise FairpruneError(f"language.include_path: {error}") from None
        own = named_below(folder)
    elif asked.functions:
        raise FairpruneError("language.functions: only tasks of language.include_path call them")
    for where, names in (("language.zero_shot", asked.zero_shot), ("bias.metrics", bias.metrics)):
        others = [name for name in names if name not in own and name not in TASKS]
        check_task_names(others, f" in {where}", TASKS)
    for task, scores in bias.metrics.items():
        if task in TASKS or not asked.zero_shot:
            _check_asked(task, asked, "bias.metrics")
        for score in scores if task in TASKS else ():
            if score not in scores_of(task):
                raise unknown("score", score, scores_of(task), f" in bias.metrics.{task}")


def _check_asked(task: str, asked: Language, where: str) -> None:
    if task not in asked.zero_shot:
        raise FairpruneError(f"{where}.{task}: name {task} under language.zero_shot, too")
