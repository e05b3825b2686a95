"""Calibration sets by their names: `TASK.SET`, further seeds `TASK.SET-s43`, general texts."""

import re

from fairprune.config import CalibrationSet, Configuration
from fairprune.data.ranking import RANKED_MIXES
from fairprune.errors import unknown


def calibration_names(config: Configuration) -> list[str]:
    """Every calibration set: `TASK.SET`, further seeds as `TASK.SET-s43`, and general texts."""
    names = [f"{t}.{s}" for t, task in config.tasks.items() for s in task.calibration]
    return [*seeded(config, names), *seeded(config, config.calibration.texts)]


def seeded(config: Configuration, names: list[str]) -> list[str]:
    """Names of calibration sets, each followed by those of its further seeds."""
    further = config.calibration.seeds[1:]
    return [s for name in names for s in [name, *(f"{name}-s{seed}" for seed in further)]]


def task_set(config: Configuration, calibration: str) -> tuple[str, str]:
    """Task and set of a calibration set, without the seed: (`reviews`, `balanced`).

    Of general text its name, and no set.
    """
    task, _, name = re.sub(r"-s\d+$", "", calibration).partition(".")
    return task, name


def calibration_set(config: Configuration, task: str, name: str) -> CalibrationSet:
    """A task's calibration set by its name without the seed.

    Raises:
        FairpruneError: no such set.
    """
    sets = config.tasks[task].calibration
    if name not in sets:
        raise unknown("calibration set", name, sets, f" in tasks.{task}.calibration")
    return sets[name]


def is_ranked(config: Configuration, task: str, name: str) -> bool:
    """Whether a calibration set is made from the dense model's own summaries."""
    return calibration_set(config, task, name).mix in RANKED_MIXES


def calibration_seed(config: Configuration, calibration: str) -> int:
    """The seed of a calibration set: of its suffix, else the first of the configuration."""
    suffix = re.search(r"-s(\d+)$", calibration)
    return int(suffix[1]) if suffix else config.calibration.seeds[0]
