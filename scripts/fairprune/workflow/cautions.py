"""What is known to go wrong with what a configuration asks for, though nothing forbids it."""

from collections.abc import Iterator

from fairprune.config import Configuration
from fairprune.workflow import fetched, plan
from fairprune.workflow.calibrations import is_own, task_set


def cautions(config: Configuration) -> list[str]:
    """A line each, which begins with "warning: "."""
    return [f"warning: {line}" for line in (*_of_methods(config), *_of_corpora(config))]


def _of_methods(config: Configuration) -> Iterator[str]:
    """Methods of the grid that are known to do harm with their options."""
    pruned = (v for v in plan.variants(config) if not (v.dense or v.given))
    asked = dict.fromkeys((v.method, v.sparsity) for v in pruned)
    found = {name: plan.method(config, name, sparsity).caution for name, sparsity in asked}
    yield from (f"methods.{name}: {caution}" for name, caution in found.items() if caution)


def _of_corpora(config: Configuration) -> Iterator[str]:
    """Corpora on which perplexity says little, since variants were calibrated on them."""
    names = {variant.calibration for variant in plan.variants(config)}
    calibrated = {task_set(config, name)[0] for name in names if not is_own(config, name)}
    files = {fetched.text_file(config, name): name for name in calibrated & config.texts.keys()}
    for corpus in config.language.corpora:
        if (file := fetched.text_file(config, corpus)) in files:
            yield (
                f"perplexity on {corpus!r} says little of variants that are calibrated on "
                f"{files[file]!r}, the same text"
            )
