"""Which variants belong together, by their names: draws of one set, and those that meet."""

from collections.abc import Sequence
from dataclasses import replace

from fairprune.errors import unknown
from fairprune.io.variants import Variant, drawn, pool_of

FIRST_SEED = -1  # of the set that carries no seed in its name


def met_by(method: str, names: Sequence[str]) -> dict[str, str]:
    """Variant → the variant of a method at the same calibration set, or none, and sparsity.

    Raises:
        FairpruneError: no variant is of that method.
    """
    known = {name: parsed for name in names if (parsed := _parsed(name))}
    methods = {variant.method for variant in known.values()}
    if method not in methods:
        raise unknown("method", method, methods, " in --against")
    found = {}
    for name, variant in known.items():
        others = [
            replace(variant, method=method, calibration=c) for c in (variant.calibration, "none")
        ]
        other = next((str(v) for v in others if str(v) in known), None)
        if variant.method != method and other:
            found[name] = other
    return found


def draws_of(names: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Variant → the name of all draws of its calibration set, and its seed; several draws only."""
    found: dict[str, tuple[str, int]] = {}
    for name in names:
        variant = _parsed(name)
        if variant and variant.calibration != "none":
            pooled = replace(variant, calibration=pool_of(variant.calibration))
            seed = drawn(variant.calibration)[1]
            found[name] = (str(pooled), FIRST_SEED if seed is None else seed)
    pools = [pooled for pooled, _ in found.values()]
    return {name: of for name, of in found.items() if pools.count(of[0]) > 1}


def _parsed(name: str) -> Variant | None:
    try:
        return Variant.parse(name)
    except ValueError:
        return None
