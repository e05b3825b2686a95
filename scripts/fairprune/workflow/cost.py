"""What a run will take that is still to be made, said before it starts: disk and time.

Computed from the models' sizes and from assumptions, not measured.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from fairprune.config import Configuration
from fairprune.errors import FairpruneError
from fairprune.io.variants import Variant
from fairprune.workflow import fetched, plan
from fairprune.workflow.every_file import Wildcards
from fairprune.workflow.jobs import Jobs
from fairprune.workflow.resources import parameters

# Minutes on one GPU with 80 GB: to start Python and its libraries and to load the weights, less
# for models under half a billion; and for each billion parameters beside that.
START, SMALL_START, SMALL = 0.5, 0.1, 5e8
MINUTES = {
    "continuations": 0.4,
    "activations": 0.05,
    "gradients": 0.25,
    "masks": 0.15,
    "summaries": 0.4,
    "language": 0.15,
}
MINUTES["both"] = MINUTES["summaries"] + MINUTES["language"]


@dataclass(frozen=True)
class Part:
    """A file that a run makes with a model: of which stage, of how many bytes (0: few)."""

    stage: str
    model: str
    file: str
    size: float = 0.0


def parts_to_do(config: Configuration) -> list[Part]:
    """What a run is still to make with its models, each file once."""
    found = {part.file: part for part in _parts(config)}
    return [part for file, part in found.items() if not Path(file).exists()]


def disk_bytes(config: Configuration) -> dict[str, float]:
    """Bytes that the rest of a run will need at one time, by stage.

    Of gradients that are not kept, those of one calibration set: what is pruned with them comes
    before the next ones, and then they go.
    """
    found = dict.fromkeys(("models", "gradients", "masks", "rewritten weights"), 0.0)
    passing: dict[Path, float] = {}
    for part in parts_to_do(config):
        if part.stage == "gradients" and not config.keep.gradients:
            folder = Path(part.file).parent
            passing[folder] = passing.get(folder, 0.0) + part.size
        elif part.size:
            found[part.stage] += part.size
    found["gradients"] += max(passing.values(), default=0.0)
    return found


def disk_line(config: Configuration) -> str:
    """One line: the disk that the rest of a run will need, and what there is."""
    found = {stage: size for stage, size in disk_bytes(config).items() if size >= 5e6}
    detail = ", ".join(f"{stage} {size / 1e9:.2f}" for stage, size in found.items())
    free = shutil.disk_usage(".").free
    line = f"disk (GB) for what is to be made: {sum(found.values()) / 1e9:.2f} of {free / 1e9:.0f}"
    return f"{line} free" + (f" ({detail})" if detail else "")


def check_disk(config: Configuration) -> None:
    """Raise a FairpruneError where the disk is too small for the rest of a run."""
    needed, free = sum(disk_bytes(config).values()), shutil.disk_usage(".").free
    if needed > free:
        raise FairpruneError(
            f"{disk_line(config)}: it will not suffice. Free space, start in a larger place "
            "(snakemake --directory), ask for fewer models or sparsities, or do not keep what can "
            "be made again (keep: {gradients: false})"
        )


def time_line(config: Configuration) -> str:
    """One line: how long the rest of a run will take, by the assumptions above."""
    found = [part for part in parts_to_do(config) if part.stage in MINUTES]
    minutes = sum(_minutes(config, part) for part in found)
    said = f"{minutes / 60:.0f} h" if minutes >= 120 else f"{max(1, round(minutes))} min"
    return (
        f"time for what is to be made: about {said} on one GPU with 80 GB (assumed, not measured; "
        f"{len(found)} jobs with a model)" + "; on a CPU much more" * (config.device == "cpu")
    )


def _minutes(config: Configuration, part: Part) -> float:
    count = parameters(config, part.model)
    return (SMALL_START if count < SMALL else START) + MINUTES[part.stage] * count / 1e9


def _parts(config: Configuration) -> Iterator[Part]:
    root, jobs = config.results, Jobs(config)
    norms = cache(partial(plan.gradient_norms, config))
    for variant in plan.variants(config):
        model, count = variant.model, parameters(config, variant.model)
        if config.models[model].path is None:  # others are linked
            yield Part("models", model, fetched.model_card(config, model), 2 * count)
        if variant.given:
            yield from _given(config, variant, count)
        elif not variant.dense:
            yield from _pruning(jobs, variant, count, norms)
        summaries = [
            f"{root}/summaries/{variant}/{task}/test.jsonl"
            for task in plan.tasks_of(config, variant)
        ]
        language = [f"{root}/language/{variant}.json"] * plan.measures_language(config)
        if made := summaries + language:  # by one job
            alone = "summaries" if summaries else "language"
            stage = "both" if summaries and language else alone
            yield Part(stage, model, _first_missing(made))


def _first_missing(files: list[str]) -> str:
    """Of the files of one job that one which brings it, if any does."""
    return next((file for file in files if not Path(file).exists()), files[0])


def _given(config: Configuration, variant: Variant, count: float) -> Iterator[Part]:
    """A compressed model: downloaded at the model's size at most, and gone through once."""
    if config.compressed[variant.method].path is None:
        yield Part("models", variant.model, fetched.model_card(config, variant.method), 2 * count)
    yield Part("activations", variant.model, plan.card(config, variant))


def _pruning(
    jobs: Jobs, variant: Variant, count: float, norms: Callable[[str], list[str]]
) -> Iterator[Part]:
    """A variant's masks, and the statistics that they are made from; `norms` are of a loss."""
    folder, w = jobs.path("pruned", str(variant)), Wildcards(vars(variant))
    method = jobs.method(w)
    yield Part("masks", variant.model, f"{folder}/mask.safetensors", count / 8)
    if method.rewrites_weights:
        yield Part("rewritten weights", variant.model, f"{folder}/weights.safetensors", 2 * count)
    kept = len(norms(method.gradient_loss)) if method.gradient_loss else 0
    for kind, file in jobs.statistics(w).items():
        if kind == "calibration" and jobs.is_own(w):
            yield Part("continuations", variant.model, file)
        if kind in MINUTES:
            yield Part(kind, variant.model, file, 4 * count * kept * (kind == "gradients"))
