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
    done: dict[str, Pruned] = {}
    for names in observed.groups(layers) if observed else [[name] for name in layers]:
        if method.rewrites_weights:
            group = {name: layers[name] for name in names}
            done |= _solve_layers(group, method, shares, evidence, observed, stored)
            continue
        for name in names:
            statistics = evidence.layer(name, layers[name].weight.device, observed)
            done[name] = _prune_layer(name, layers[name], method, shares[name], statistics)
    found = _on_host([done[name].figures for name in layers])
    return {
        name: replace(done[name], figures=figures)
        for name, figures in zip(layers, found, strict=True)
    }


def _prune_layer(
    name: str, layer: nn.Linear, method: Method, share: Share, statistics: Statistics
) -> Pruned:
    weight = layer.weight.detach()
    chosen = _selected(name, weight.float(), method, share, statistics)
    figures = _figures(weight, chosen.mask, share, chosen.kept_nonfinite, statistics)
    if chosen.alpha is not None:
        figures["alpha"] = chosen.alpha
    layer.weight.mul_(~chosen.mask)  # several times as fast as filling where a mask says so
    return Pruned(chosen.mask, None, figures)


def _solve_layers(
    layers: Mapping[str, nn.Linear],
    method: Method,
    shares: Mapping[str, Share],
    evidence: Evidence,
    observed: Observed | None,
    stored: torch.dtype,
) -> dict[str, Pruned]:
    """The layers of one input, whose weights change together."""
    names = list(layers)
    weights = [layer.weight.detach() for layer in layers.values()]
    statistics = evidence.layer(names[0], weights[0].device, observed)
    solve, how = present(SCORES.get(method.score).solve), method.score_options
    shared = [shares[name] for name in names]
    solved = solve(weights, statistics, shared, method.pattern, names, **how)
    done = {}
    for name, weight, (new, mask, strange) in zip(names, weights, solved, strict=True):
        figures = _figures(weight, mask, shares[name], strange, statistics)
        new = new.to(stored)
        layers[name].weight.copy_(new)
        done[name] = Pruned(mask, new, figures)
    return done


def _figures(
    weight: torch.Tensor, mask: torch.Tensor, share: Share, strange: int, statistics: Statistics
) -> dict[str, Any]:
    """What is kept of one layer, whose weight is not pruned yet; counts lie where the mask does."""
    return {
        "rows": weight.shape[0],
        "columns": weight.shape[1],
        "weights": weight.numel(),
        "zero_before": weight.numel() - weight.count_nonzero(),
        "target": float(share.mean() if isinstance(share, torch.Tensor) else share),
        **(statistics.prepared.figures if statistics.prepared is not None else {}),
        "pruned": mask.sum(),
        "kept_nonfinite": strange,
    }


def _on_host(figures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The figures of all layers with their counts as numbers; a GPU is waited for once."""
    places = [(at, key) for at, f in enumerate(figures) for key in f if torch.is_tensor(f[key])]
    counts = torch.stack([figures[at][key] for at, key in places]).tolist()
    for (at, key), number in zip(places, counts, strict=True):
        figures[at][key] = number
    for known in figures:
        known["sparsity"] = known["pruned"] / known["weights"]
    return figures


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
