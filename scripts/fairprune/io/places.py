"""Where a result stands in its run's results folder, and how the workflow makes it again."""

import os
import re
import shlex
from pathlib import Path

STAGES = ("tasks", "calibration", "activations", "gradients", "pruned", "checkpoints",
          "summaries", "fairness", "quality", "language", "comparisons", "bias", "annotation",
          "tables", "figures", "report")  # fmt: skip
MANIFEST = "manifest.txt"


def _run_folder(path: Path) -> Path | None:
    """The results folder of the run that a file is of; None outside of one."""
    for folder in path.absolute().parents:
        stage = path.absolute().relative_to(folder).parts[0]
        if stage.partition(".")[0] in STAGES:
            known = _named_in(folder / "config.yaml")
            if known and folder.parts[-len(known) :] == known:
                return folder
    return None


def _named_in(config: Path) -> tuple[str, ...]:
    """The parts of the path that a configuration calls its results."""
    try:
        text = config.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    found = re.search(r"^results: *(.+?) *(?:#.*)?$", text, re.M)
    return Path(found[1].strip("'\"") if found else "results").parts


def in_results(path: Path) -> bool:
    """Whether a path stands where the results of a run do."""
    return _run_folder(Path(path)) is not None


def place_in_run(card: Path) -> str | None:
    """Where a card stands in its run's results; the name of an unfinished folder is undone."""
    folder = _run_folder(card)
    if folder is None:
        return None
    inside = card.absolute().relative_to(folder).as_posix()
    return re.sub(r"(?<=/)\.([^/]+)\.partial-[^/]+(?=/)", r"\1", inside)


def remedy_of(target: Path, card: Path) -> str:
    """How to make a target again: by the workflow where it stands in a run's results."""
    folder = _run_folder(card)
    if folder is None:
        return f"delete {target} and run its step again"
    file = card if target.is_dir() else target
    return (
        f"make it again by: snakemake --cores 1 --configfile {_shown(folder / 'config.yaml')} "
        f"--force {_shown(file)}"
    )


def _shown(path: Path) -> str:
    """A path as the workflow, which runs in the working directory, knows it, for a shell."""
    inside = path.absolute().is_relative_to(Path.cwd())
    return shlex.quote(os.path.relpath(path) if inside else str(path))


def items_file(language: Path) -> Path:
    """The file of items beside `evaluate_language`'s JSON; one card names both."""
    return language.with_suffix(".parquet")
