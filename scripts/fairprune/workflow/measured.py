"""What can be known before a run of the tasks that language ability is measured on."""

from pathlib import Path

from fairprune.config_judging import Language
from fairprune.errors import FairpruneError, unknown
from fairprune.language.local_tasks import TASKS
from fairprune.language.task_files import task_files
from fairprune.language.task_names import check_task_names, named_below


def check_measured(asked: Language) -> None:
    """Refuse tasks that nobody knows, that lack their set, or that would run code unasked.

    Raises:
        FairpruneError: it names the key.
    """
    for name in asked.data:
        if name not in TASKS or name not in asked.zero_shot:
            known = [task for task in TASKS if task in asked.zero_shot] or TASKS
            raise unknown("task", name, known, " in language.data (see language.zero_shot)")
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
    others = [name for name in asked.zero_shot if name not in own and name not in TASKS]
    check_task_names(others, " in language.zero_shot")
