"""Whether lm-eval knows a task, without importing it: that takes longer than planning a run."""

import importlib.util
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from fairprune.errors import unknown

NAMED = re.compile(r"^\s*-?\s*(?:task|group|tag):\s*[\"']?([\w.+-]+)", re.M)


def check_task_names(names: Sequence[str], where: str, beside: Iterable[str] = ()) -> None:
    """Refuse names that no task of lm-eval has, where lm-eval is installed.

    Args:
        names: of tasks.
        where: where they stand, put after the name.
        beside: further tasks that could be meant.

    Raises:
        FairpruneError: an unknown name; the nearest known ones are given.
    """
    folder = _folder()
    if not names or folder is None:
        return
    files = sorted(file for file in folder.rglob("*") if file.suffix in (".yaml", ".yml", ".py"))
    for name in names:
        likely = (f for f in files if name in f.relative_to(folder).as_posix())
        word = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
        if name in set(_named_in(likely)) or any(word.search(_text(file)) for file in files):
            continue
        raise unknown("zero-shot task", name, {*_named_in(files), *beside}, where)


def named_below(folder: Path) -> set[str]:
    """The tasks, groups and tags that the YAML files below a folder name."""
    return set(_named_in(sorted(folder.rglob("*.yaml"))))


def _folder() -> Path | None:
    found = importlib.util.find_spec("lm_eval")
    return Path(found.origin).parent / "tasks" if found and found.origin else None


def _named_in(files: Iterator[Path] | Sequence[Path]) -> Iterator[str]:
    for file in files:
        yield from NAMED.findall(_text(file))


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
