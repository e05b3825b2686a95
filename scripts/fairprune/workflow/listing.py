"""Targets of a run, chosen by what they are of."""

from collections.abc import Collection

from fairprune.config import Configuration
from fairprune.errors import unknown
from fairprune.workflow import plan


def list_targets(
    config: Configuration,
    models: Collection[str] | None = None,
    methods: Collection[str] | None = None,
    sparsities: Collection[str] | None = None,
    without_models: Collection[str] | None = None,
) -> list[str]:
    """The files that a run makes of the chosen variants, in its order; no choice means all.

    The dense model, with which every variant is compared, is always among them.

    Args:
        config: a checked configuration.
        models: names of models; none: all.
        methods: names of methods; none: all.
        sparsities: as in paths (`0.50`, `2of4`); none: all.
        without_models: names of models that are left out.

    Raises:
        FairpruneError: a name that the configuration does not have, or nothing is left.
    """
    for kind, names, known in (
        ("model", [*(models or ()), *(without_models or ())], config.models),
        ("method", methods or (), [*config.methods, *config.compressed]),
        ("sparsity", sparsities or (), {v.sparsity for v in plan.variants(config)}),
    ):
        for name in names:
            if name not in known:
                raise unknown(kind, name, known, " in the configuration")
    every = plan.variants(config)
    chosen = [
        f"/{variant}"
        for variant in every
        if variant.model not in (without_models or ())
        and variant.model in (models or config.models)
        and (variant.dense or not methods or variant.method in methods)
        and (variant.dense or not sparsities or variant.sparsity in sparsities)
    ]
    found = plan.targets(config)
    return [
        file
        for file in found["pruned"] + found["judged"]
        if any(f"{name}/" in file or f"{name}.json" in file for name in chosen)
    ]
