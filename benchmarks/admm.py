"""ADMM on one block's layers: ours, and as it is written down.

python benchmarks/admm.py [--shape 30m] [--samples 16] [--tokens 512] [--runs 3]
"""

import torch
from measure import arguments, compare, model_and_ids, report
from one_block import plain_layers, pruned_block

from fairprune.models.blocks import Blocks
from fairprune.models.walk import Walk
from fairprune.pruning.method import resolve


def ours(walk, hidden):
    """One matrix an input, inverted once; a product an iteration; masks by partition."""
    done = pruned_block(walk, hidden, resolve("admm", sparsity="0.5"))
    return {name: found.weight for name, found in done.items()}


def plain(walk, hidden):
    """One matrix a layer, sample by sample; every step as in the definition; masks by sorting."""
    return plain_layers(walk, hidden, plain_layer)


def plain_layer(weight, gram):
    """One layer, float32."""
    scale = gram.diagonal().sqrt() + 1e-8
    gram = gram / scale / scale[:, None]
    identity = torch.eye(len(gram), device=gram.device)
    gram = gram + 0.1 * gram.diagonal().mean() * identity
    v = (weight * scale).T
    right, inverse, u = gram @ v, torch.linalg.inv(gram + identity), torch.zeros_like(v)
    for step in range(1, 21):
        if step <= 15:
            scores = (v + u).abs()
            order = scores.flatten().sort(stable=True).indices[: scores.numel() // 2]
            keep = torch.ones(scores.numel(), dtype=torch.bool, device=v.device)
            keep[order] = False
            keep = keep.view_as(scores)
        z = (v + u) * keep
        u = u + v - z
        v = inverse @ (right + z - u)
    return ((v + u) * keep).T / scale


def main() -> None:
    """Run both ways and write the result."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=512, runs=3)
    runs = options.pop("runs")
    model, ids = model_and_ids(**options)
    walk = Walk(Blocks(model), ids)
    hidden = walk.embed()
    expected = plain(walk, hidden)
    for name, found in ours(walk, hidden).items():
        assert (found - expected[name]).norm() < 1e-2 * expected[name].norm(), name
    ways = {"ours": lambda: ours(walk, hidden), "plain": lambda: plain(walk, hidden)}
    report("admm", options, compare(ways, runs), "ours", {"plain": 2.0})


if __name__ == "__main__":
    main()
