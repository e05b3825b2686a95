"""ADMM on one block's layers: ours, and as it is written down.

python benchmarks/admm.py [--shape 30m] [--samples 16] [--tokens 512] [--runs 3]
"""

import torch
from measure import arguments, compare, model_and_ids, report

from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.pruning.block import prune_block
from fairprune.pruning.method import resolve
from fairprune.pruning.observation import observe, wanted_by
from fairprune.pruning.statistics import Evidence


def ours(walk, hidden):
    """One matrix an input, inverted once; a product an iteration; masks by partition."""
    method = resolve("admm", sparsity="0.5")
    with walk.block(0) as block:
        layers = find_layers(walk.names[0], block)
        observed, _ = observe(walk, 0, block, layers, hidden, wanted_by(method))
        done = prune_block(layers, method, dict.fromkeys(layers, 0.5), Evidence(), observed)
    return {name: found.weight for name, found in done.items()}


def plain(walk, hidden):
    """One matrix a layer, sample by sample; every step as in the definition; masks by sorting."""
    with walk.block(0) as block:
        layers = find_layers(walk.names[0], block)
        grams = dict.fromkeys(layers, 0)

        def hook(name):
            def before(_, args):
                rows = args[0].reshape(-1, args[0].shape[-1]).float()
                grams[name] = grams[name] + rows.T @ rows

            return before

        handles = [layer.register_forward_pre_hook(hook(name)) for name, layer in layers.items()]
        walk.run(0, block, hidden)
        for handle in handles:
            handle.remove()
        return {n: plain_layer(m.weight.float(), grams[n]) for n, m in layers.items()}


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
