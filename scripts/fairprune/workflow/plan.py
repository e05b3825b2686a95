"""What a configuration asks for: variants, and the file targets that answer for them.

Pure functions of the configuration; the rules turn them into jobs. Paths are relative to the
working directory.
"""

import re

from fairprune.bias.goals import KNOWN
from fairprune.config import Configuration
from fairprune.errors import FairpruneError, unknown
from fairprune.io.variants import GIVEN, Variant
from fairprune.pruning.method import resolve
from fairprune.pruning.resolved import Method
from fairprune.workflow.calibrations import calibration_names, seeded


def dense(model: str) -> Variant:
    """The unpruned model as a variant."""
    return Variant(model, "dense", "none", "0.00")


def given(config: Configuration, name: str) -> Variant:
    """A compressed model of the configuration as a variant."""
    return Variant(config.compressed[name].of, name, "none", GIVEN)


def card(config: Configuration, variant: Variant) -> str:
    """The card of a pruned variant, or of a compressed model."""
    return f"{config.results}/pruned/{variant}/card.json"


def method(config: Configuration, name: str, sparsity: str) -> Method:
    """A configured method at a sparsity of its path form (`0.50`, `2of4`).

    Raises:
        FairpruneError: the method is unknown, or the combination makes no sense.
    """
    if name not in config.methods:
        raise unknown("method", name, config.methods, " in the configuration's methods")
    asked = config.methods[name]
    pattern = re.fullmatch(r"(\d+)of(\d+)", sparsity)
    try:
        return resolve(
            asked.score or name,
            sparsity=None if pattern else float(sparsity),
            pattern=f"{pattern[1]}:{pattern[2]}" if pattern else "unstructured",
            allocation=asked.allocation,
            refinement=asked.refinement,
            group=None if pattern else asked.group,
            options=dict(asked.options),
        )
    except FairpruneError as error:
        raise FairpruneError(f"methods.{name} at {sparsity}: {error}") from None


def variants(config: Configuration) -> list[Variant]:
    """The dense models, every pruned variant of the grid, and compressed models, each once.

    Raises:
        FairpruneError: a method of the grid makes no sense, or needs a calibration set and
            there is none.
    """
    found: dict[Variant, None] = {}
    for number, grid in enumerate(config.grid):
        sets = calibration_names(config, grid.seeds)
        if grid.calibrations is not None:
            sets = seeded(config, grid.calibrations, grid.seeds)
        for model in grid.models or config.models:
            found[dense(model)] = None
            for name in grid.methods or config.methods:
                for sparsity in grid.sparsities:
                    needs = method(config, name, sparsity).needs_calibration
                    if needs and not sets:
                        raise FairpruneError(
                            f"grid.{number}: method {name!r} needs a calibration set; add one "
                            "under tasks.TASK.calibration or calibration.texts"
                        )
                    for calibration in sets if needs else ["none"]:
                        found[Variant(model, name, calibration, sparsity)] = None
    for name, compressed in config.compressed.items():
        found |= {dense(compressed.of): None, given(config, name): None}
    return list(found)


def tasks_of(config: Configuration, variant: Variant) -> list[str]:
    """The tasks that a variant is judged on: its calibration's own task, or every task."""
    task = variant.calibration.partition(".")[0]
    return [task] if task in config.tasks else list(config.tasks)


def gradient_norms(config: Configuration, loss: str) -> list[str]:
    """The gradient norms that the configuration's methods read from gradients of a loss."""
    resolved = [method(config, name, "0.50") for name in config.methods]  # of every sparsity alike
    norms = {n for found in resolved if found.gradient_loss == loss for n in found.gradient_norms}
    return sorted(norms) or ["l1", "l2"]


def targets(config: Configuration) -> dict[str, list[str]]:
    """The file targets of a whole run, by stage."""
    root, every = config.results, variants(config)
    judged = [f"{v}/{task}" for v in every for task in tasks_of(config, v)]
    models = list(dict.fromkeys(v.model for v in every))
    measured = [m for m in models if any(v.model == m and not v.dense for v in every)]
    pruned = {(v.model, task) for v in every if not v.dense for task in tasks_of(config, v)}
    found = {
        "pruned": [card(config, v) for v in every if not v.dense],
        "fairness": [f"{root}/fairness/{where}.json" for where in judged],
        "quality": [f"{root}/quality/{where}.json" for where in judged],
        "language": [f"{root}/language/{v}.json" for v in every if measures_language(config)],
        "comparisons": [
            f"{root}/comparisons/{model}/{task}.parquet"
            for model in models
            for task in config.tasks
            if (model, task) in pruned
        ],
        "bias": [f"{root}/bias/{m}.parquet" for m in measured if compares_bias(config)],
        "report": [f"{root}/report.html"],
        "figures": [
            *(f"{root}/figures/{name}.pdf" for name in figures(config)),
            *(f"{root}/tables/{name}.tex" for name in ("fairness", "quality", "language")),
        ],
    }
    stages = ("fairness", "quality", "language", "comparisons", "bias")
    return found | {"judged": [file for stage in stages for file in found[stage]]}


def figures(config: Configuration) -> list[str]:
    """The figures for a paper that a run has something to show in."""
    found = ["layers"]
    if config.tasks:
        found = ["verdicts", "fairness", "quality", "pareto", *found]
    if any(len(task.calibration) > 1 for task in config.tasks.values()):
        found.append("calibration")
    found += ["perplexity"] if config.language.corpora else []
    return found + (["bias"] if compares_bias(config) else [])


def measures_language(config: Configuration) -> bool:
    """Whether language ability is measured at all."""
    return bool(config.language.corpora or config.language.zero_shot)


def evaluates_at_once(config: Configuration) -> bool:
    """Whether one job makes a variant's summaries and measures its language ability."""
    return bool(config.tasks) and measures_language(config)


def compares_bias(config: Configuration) -> bool:
    """Whether some score of the zero-shot tasks has a goal, so that its items are compared."""
    asked = {*config.language.zero_shot} & KNOWN.keys()
    return bool(config.language.zero_shot and (asked or config.bias.metrics))


def compared(config: Configuration, model: str, task: str) -> list[Variant]:
    """The pruned variants of a model that are compared with it on a task."""
    return [
        v
        for v in variants(config)
        if v.model == model and v.method != "dense" and task in tasks_of(config, v)
    ]


def against(config: Configuration, model: str, task: str) -> list[str]:
    """The methods that a model's other variants on a task are compared with, beside the model."""
    methods = {variant.method for variant in compared(config, model, task)}
    return [name for name in config.comparisons.against if name in methods]
