"""From names to a method: what was asked for checked, its defaults filled in.

Free of torch, so that the workflow reads in milliseconds what a method needs and refuses a
combination that makes no sense before anything runs.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fairprune.errors import FairpruneError, unknown
from fairprune.pruning.combinations import comparison_group
from fairprune.pruning.declare import ALLOCATIONS, REFINEMENTS, SCORES
from fairprune.pruning.options import read_options
from fairprune.pruning.presets import PRESETS
from fairprune.pruning.resolved import Method
from fairprune.pruning.target import read_pattern, read_sparsity


def names() -> list[str]:
    """Every name that `resolve` knows: scores and presets."""
    return sorted([*SCORES.names(), *PRESETS])


def resolve(
    name: str,
    *,
    sparsity: str | float | Decimal | None = None,
    pattern: str = "unstructured",
    allocation: str | None = None,
    refinement: str | None = None,
    group: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Method:
    """Check a combination and fill in its defaults.

    Args:
        name: a score or a preset; what is given beside a preset replaces the preset's own.
        sparsity: share of the weights to prune, between 0 and 1, taken as the decimal that is
            written; None where it is not known yet, where `pattern` says it, and for `dense`.
        pattern: "unstructured", or "N:M" (also "NofM"): N of M consecutive weights are kept.
        allocation: how sparsity is shared out; default "uniform".
        refinement: how the mask is refined; default none.
        group: where scores are compared: "row", "layer" or "adaptive"; default the score's.
        options: `score.form` and the like → value or its text.

    Raises:
        FairpruneError: an unknown name, a value out of range, or parts that do not go together.
    """
    preset = PRESETS.get(name, {})
    if not preset and name not in SCORES.names():
        raise unknown("method", name, names())
    score = SCORES.get(preset.get("name", name))
    allocation = allocation or preset.get("allocation") or "uniform"
    share = ALLOCATIONS.get(allocation)
    refinement = None if refinement in (None, "none", "") else refinement
    pattern, counts = read_pattern(pattern)
    if score.name == "dense":
        return _dense(allocation, refinement, group, pattern, sparsity, options)
    group = group or (None if counts else preset.get("group"))
    refine = REFINEMENTS.get(refinement) if refinement else None
    group = comparison_group(score, share, refine, group, pattern)
    parts = {"score": score.options, "allocation": share.options}
    parts["refinement"] = refine.options if refine else {}
    known = {
        f"{kind}.{option}": about
        for kind, options_of in parts.items()
        for option, about in options_of.items()
    }
    mine = {k: v for k, v in preset.get("options", {}).items() if k in known}
    return Method(
        name=name,
        score=score.name,
        allocation=allocation,
        refinement=refinement,
        group=group,
        pattern=pattern,
        sparsity=read_sparsity(sparsity, counts),
        options=read_options(mine | dict(options or {}), known),
        repository=bool(preset),
    )


def _dense(
    allocation: str,
    refinement: str | None,
    group: str | None,
    pattern: str,
    sparsity: Any,
    options: Mapping[str, Any] | None,
) -> Method:
    given = {
        "an allocation": allocation != "uniform",
        "a refinement": refinement,
        "a group": group,
        "a pattern": pattern != "unstructured",
        "options": options,
        "a sparsity": sparsity is not None and str(sparsity) not in ("0", "0.0", "0.00"),
    }
    for what, found in given.items():
        if found:
            raise FairpruneError(f"method dense prunes nothing: {what} beside it makes no sense")
    return Method("dense", "dense", "uniform", None, "row", pattern, Decimal(0), {})
