"""Prune the layers of one block."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import torch
from torch import nn

from fairprune.present import present
from fairprune.pruning.declare import REFINEMENTS, SCORES
from fairprune.pruning.observation import Observed
from fairprune.pruning.readers import in_attention
from fairprune.pruning.resolved import Method
from fairprune.pruning.select import Selection, select
from fairprune.pruning.statistics import Evidence, Statistics

Share = Decimal | float | torch.Tensor
"""A layer's target sparsity, or one a row."""


@dataclass(frozen=True)
class Pruned:
    """One layer's mask, out × in, its new weight where kept ones changed, and figures."""

    mask: torch.Tensor
    weight: torch.Tensor | None
    figures: dict[str, Any]


def prune_block(
    layers: Mapping[str, nn.Linear],
    method: Method,
    shares: Mapping[str, Share],
    evidence: Evidence,
    observed: Observed | None,
    stored: torch.dtype = torch.float32,
) -> dict[str, Pruned]:
    """Prune the layers of one block in place.

    Args:
        layers: path → layer, as `find_layers` gives them.
        method: what decides.
        shares: layer path → target sparsity.
        evidence: statistics from outside the walk.
        observed: what the layers receive in the block's unpruned pass; None where the method
            does not walk.
        stored: the dtype in which rewritten weights are kept; they are rounded to it here, so
            that the next block sees what is kept.

    Returns:
        Layer path → what was done, in the order of `layers`.
    """
    done = {}
    for name in observed.order(layers) if observed else layers:
        layer = layers[name]
        statistics = evidence.layer(name, layer.weight.device, observed)
        done[name] = _prune_layer(name, layer, method, shares[name], statistics, stored)
    return {name: done[name] for name in layers}


def _prune_layer(
    name: str,
    layer: nn.Linear,
    method: Method,
    share: Share,
    statistics: Statistics,
    stored: torch.dtype,
) -> Pruned:
    weight = layer.weight.detach()
    figures = {
        "rows": weight.shape[0],
        "columns": weight.shape[1],
        "weights": weight.numel(),
        "zero_before": weight.numel() - int(weight.count_nonzero()),
        "target": float(share.mean() if isinstance(share, torch.Tensor) else share),
    }
    if method.rewrites_weights:
        solve, how = present(SCORES.get(method.score).solve), method.score_options
        new, mask, strange = solve(weight.float(), statistics, share, method.pattern, name, **how)
        new = new.to(stored)
        layer.weight.copy_(new)
    else:
        new = None
        chosen = _selected(name, weight.float(), method, share, statistics)
        mask, strange = chosen.mask, chosen.kept_nonfinite
        if chosen.alpha is not None:
            figures["alpha"] = chosen.alpha
        layer.weight.mul_(~mask)  # several times as fast as filling where a mask says so
    if statistics.prepared is not None:
        figures |= statistics.prepared.figures
    pruned = int(mask.sum())
    figures |= {
        "pruned": pruned,
        "sparsity": pruned / weight.numel(),
        "kept_nonfinite": strange,
    }
    return Pruned(mask, new, figures)


def _selected(
    name: str, weight: torch.Tensor, method: Method, share: Share, statistics: Statistics
) -> Selection:
    function = present(SCORES.get(method.score).function)
    scores = function(weight, statistics, **method.score_options)
    chosen = select(
        scores, share, method.group, name, pattern=method.pattern, repository=method.repository
    )
    if method.refinement is None or _skipped(name, method):
        return chosen
    refinement, how = REFINEMENTS.get(method.refinement), method.part("refinement")
    how.pop("skip", None)
    if "N:M" in refinement.groups:
        whole = method.group == "row"
        how["run"] = weight.shape[1] if whole else int(method.pattern.split(":")[1])
    return replace(chosen, mask=refinement.function(weight, chosen.mask, statistics, **how))


def _skipped(name: str, method: Method) -> bool:
    skip = method.options.get("refinement.skip")
    return skip == ("attention" if in_attention(name) else "mlp")
