"""Targets that a command asks for: a misspelt one is answered with the nearest there is."""

import difflib
import re
from collections.abc import Callable, Collection
from pathlib import Path

from fairprune.config import Configuration
from fairprune.errors import FairpruneError, shortened, unknown
from fairprune.io.variants import Variant
from fairprune.workflow import fetched, plan
from fairprune.workflow.calibrations import calibration_names, task_set
from fairprune.workflow.every_file import every_file

VARIANT = re.compile(
    r"(?:pruned|checkpoints|summaries|fairness|quality|language)/"
    r"([^/]+/[^/]+/[^/]+/[^/]+?)(?:\.json(?:\.card\.json)?|/.+)"
)


def check_targets(
    config: Configuration,
    targets: Collection[str],
    rules: Collection[str],
    is_made: Callable[[str], bool],
) -> None:
    """Refuse targets that nothing makes, or that are of a variant that makes no sense.

    Args:
        config: the configuration.
        targets: what the command asks for: names of rules, and files.
        rules: the names of all rules.
        is_made: whether some rule makes a file of that name.

    Raises:
        FairpruneError: the first such target, with the nearest one that there is.
    """
    for target in targets:
        if target in rules or Path(target).exists():
            continue
        if not is_made(target):
            raise _nothing(target, [*rules, *every_file(config), *_last(config)])
        inside = VARIANT.fullmatch(target.removeprefix(f"{config.results}/"))
        if inside:
            _check_variant(config, Variant.parse(inside[1]), target)


def _last(config: Configuration) -> list[str]:
    found = plan.targets(config)
    return [*found["report"], *found["figures"]]


def _nothing(target: str, known: Collection[str]) -> FairpruneError:
    near = difflib.get_close_matches(target, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]}?" if near else "snakemake -n lists what there is"
    return FairpruneError(f"nothing here makes {shortened(target, 200)}; {hint}")


def _check_variant(config: Configuration, variant: Variant, target: str) -> None:
    if variant.dense:
        if variant != plan.dense(variant.model):
            raise FairpruneError(f"{target}: the dense model is {plan.dense(variant.model)}")
        return
    if variant.method in config.compressed or variant.given:
        _check_given(config, variant, target)
        return
    needs = plan.method(config, variant.method, variant.sparsity).needs_calibration
    if not needs and variant.calibration != "none":
        raise FairpruneError(
            f"{target}: method {variant.method!r} is calibrated on nothing; did you mean "
            f"{target.replace(f'/{variant.calibration}/', '/none/', 1)}?"
        )
    known = calibration_names(config)
    bare = ".".join(filter(None, task_set(config, variant.calibration)))
    if needs and bare not in known:
        raise unknown("calibration set", variant.calibration, known, f" in {target}")


def _check_given(config: Configuration, variant: Variant, target: str) -> None:
    """See that a compressed model is asked for as what it is, of its own model."""
    if variant.method not in config.compressed:
        raise unknown("compressed model", variant.method, config.compressed, f" in {target}")
    found = plan.given(config, variant.method)
    if variant != found:
        raise FairpruneError(
            f"{target}: {variant.method!r} is a compressed model; did you mean "
            f"{target.replace(str(variant), str(found), 1)}?"
        )
    if target.startswith(f"{config.results}/checkpoints/"):
        raise FairpruneError(
            f"{target}: {variant.method!r} is a compressed model, given as it is: its own files "
            f"are in {fetched.model_folder(config, variant.method)}"
        )
