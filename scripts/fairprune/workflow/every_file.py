"""Every file that a run makes and keeps, so that one that is missing is made again.

Snakemake leaves a missing file alone where all that was made from it is there. A run therefore
asks for all of them by name.
"""

from collections.abc import Iterator
from pathlib import Path

from fairprune.config import Configuration
from fairprune.io.places import items_file
from fairprune.io.variants import Variant
from fairprune.workflow import fetched, plan
from fairprune.workflow.calibrations import is_ranked, task_set
from fairprune.workflow.jobs import Jobs

CARD = ".card.json"


class Wildcards(dict[str, str]):
    """Wildcards of a job, as Snakemake gives them."""

    __getattr__ = dict.__getitem__


def every_file(config: Configuration) -> list[str]:
    """Those files, each once: models' cards, downloads, tasks, … and what is judged of them.

    Without what the configuration does not keep, and without tables, figures and the report,
    which a run asks for anyhow.
    """
    return list(dict.fromkeys(_files(config)))


def _files(config: Configuration) -> Iterator[str]:
    root, jobs = config.results, Jobs(config)
    for key, source in fetched.sources(config):
        if _is_used(config, key) and (file := fetched.local_file(config, key, source)) != source:
            yield from (file, file + CARD)
    for variant in plan.variants(config):
        yield fetched.model_card(config, variant.model)
        if variant.given:
            yield from (fetched.model_card(config, variant.method), plan.card(config, variant))
        elif not variant.dense:
            yield from _pruning(config, jobs, variant)
        for task in plan.tasks_of(config, variant):
            for split in ("test", "train"):
                yield from _with_card(f"{root}/tasks/{task}/{split}.parquet")
            yield from _with_card(f"{root}/summaries/{variant}/{task}/test.jsonl")
            for stage in ("fairness", "quality"):
                yield from _judged(f"{root}/{stage}/{variant}/{task}")
    targets = plan.targets(config)
    for file in targets["language"] + targets["comparisons"] + targets["bias"]:
        yield from _with_card(file)
    for file in targets["language"] if config.language.zero_shot else ():
        yield str(items_file(Path(file)))


def _pruning(config: Configuration, jobs: Jobs, variant: Variant) -> Iterator[str]:
    root = config.results
    for name in ("card.json", "mask.safetensors"):
        yield f"{root}/pruned/{variant}/{name}"
    needed = jobs.statistics(Wildcards(vars(variant)))
    for kind, file in needed.items():
        if getattr(config.keep, kind, True):
            yield from _with_card(file)
    task, name = task_set(config, variant.calibration)
    if "calibration" not in needed or task not in config.tasks:
        return
    yield from _with_card(f"{root}/tasks/{task}/calibration.parquet")
    if is_ranked(config, task, name):
        dense = plan.dense(variant.model)
        yield from _with_card(f"{root}/summaries/{dense}/{task}/calibration.jsonl")
        yield from _judged(f"{root}/fairness/{dense}/{task}/calibration")


def _judged(stem: str) -> list[str]:
    return [f"{stem}.json", f"{stem}.json{CARD}", f"{stem}.parquet"]


def _with_card(file: str) -> list[str]:
    return [file, file + CARD]


def _is_used(config: Configuration, key: str) -> bool:
    """Whether a file of a task or text is read: of a text, where something is measured on it."""
    calibrated = {task_set(config, variant.calibration)[0] for variant in plan.variants(config)}
    measured = {*config.language.corpora, *config.language.data}
    return key in {*config.tasks, *measured, *calibrated}
