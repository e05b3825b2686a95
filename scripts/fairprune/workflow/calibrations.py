"""Calibration sets by their names: `TASK.SET`, further seeds `TASK.SET-s43`, `TEXT.SET`, texts."""

from fairprune.config import Configuration
from fairprune.config_calibration import CalibrationSet, TextSet
from fairprune.data.ranking import RANKED_MIXES
from fairprune.errors import unknown
from fairprune.io.variants import drawn
from fairprune.values import SELF


def calibration_names(config: Configuration, seeds: list[int] | None = None) -> list[str]:
    """Every calibration set: of tasks, general texts, and of general texts; see `seeded`."""
    tasks = [f"{t}.{s}" for t, task in config.tasks.items() for s in task.calibration]
    return seeded(config, [*tasks, *text_sets(config)], seeds)


def text_sets(config: Configuration) -> list[str]:
    """Calibration sets of no task, without further seeds: general texts, and `TEXT.SET`."""
    made = [f"{t}.{s}" for t, text in config.texts.items() for s in text.calibration]
    return [*config.calibration.texts, *made]


def seeded(config: Configuration, names: list[str], seeds: list[int] | None = None) -> list[str]:
    """Names of calibration sets, each with those of its further seeds; of chosen `seeds`, if any.

    Raises:
        FairpruneError: a chosen seed is none of the configuration's.
    """
    known = config.calibration.seeds
    for seed in seeds or ():
        if seed not in known:
            raise unknown("seed", str(seed), list(map(str, known)), " of calibration.seeds")
    suffixes = {seed: f"-s{seed}" if number else "" for number, seed in enumerate(known)}
    return [name + suffixes[seed] for name in names for seed in seeds or known]


def task_set(config: Configuration, calibration: str) -> tuple[str, str]:
    """Task or text and set of a calibration set, without the seed: (`reviews`, `balanced`).

    Of general text as it is its name, and no set.
    """
    task, _, name = drawn(calibration)[0].partition(".")
    return task, name


def calibration_set(config: Configuration, task: str, name: str) -> CalibrationSet | TextSet:
    """A task's or text's calibration set by its name without the seed.

    Raises:
        FairpruneError: no such set.
    """
    kind = "tasks" if task in config.tasks else "texts"
    sets = getattr(config, kind)[task].calibration
    if name not in sets:
        raise unknown("calibration set", name, sets, f" in {kind}.{task}.calibration")
    return sets[name]


def is_own(config: Configuration, calibration: str) -> bool:
    """Whether a calibration set is what the dense model writes itself, for which it is loaded."""
    task, name = task_set(config, calibration)
    return bool(name) and calibration_set(config, task, name).mix == SELF


def is_ranked(config: Configuration, task: str, name: str) -> bool:
    """Whether a calibration set is made by the dense model's own summaries."""
    return calibration_set(config, task, name).mix in RANKED_MIXES


def calibration_seed(config: Configuration, calibration: str) -> int:
    """The seed of a calibration set: of its suffix, else the first of the configuration."""
    seed = drawn(calibration)[1]
    return config.calibration.seeds[0] if seed is None else seed
