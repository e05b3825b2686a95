"""SparseGPT on one block's layers: ours, and the plain way.

python benchmarks/sparsegpt.py [--shape 30m] [--samples 16] [--tokens 128] [--runs 3]
"""

import torch
from measure import arguments, compare, model_and_ids, report
from one_block import plain_layers, pruned_block

from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.pruning.method import resolve


def ours(walk, hidden):
    """One Hessian an input, factored once; columns brought up to date when their turn comes."""
    done = pruned_block(walk, hidden, resolve("sparsegpt", sparsity="0.5"))
    return {name: found.weight for name, found in done.items()}


def plain(walk, hidden):
    """One Hessian a layer, sample by sample; every error goes to all columns of its block."""
    samples = sum(len(x) for x in hidden)
    return plain_layers(walk, hidden, lambda w, gram: _plain_layer(w, 2 * gram / samples))


def plain_model(model, ids):
    """The same block by block through a whole model; the weights that each layer is left with."""
    walk = Walk(Blocks(model), ids, batch_size=1)
    hidden, found = walk.embed(), {}
    for index in range(len(walk)):
        samples = sum(len(x) for x in hidden)
        done = plain_layers(
            walk, hidden, lambda w, gram, n=samples: _plain_layer(w, 2 * gram / n), index
        )
        with walk.block(index) as block:
            for name, layer in find_layers(walk.names[index], block).items():
                layer.weight.copy_(done[name])
            hidden = walk.run(index, block, hidden)
        found |= done
    return found


def _plain_layer(weight, hessian):
    w, columns = weight.clone(), weight.shape[1]
    hessian = hessian + 0.01 * hessian.diagonal().mean() * torch.eye(columns, device=w.device)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(hessian))
    upper = torch.linalg.cholesky(inverse, upper=True)
    for start in range(0, columns, 128):
        stop = min(start + 128, columns)
        block, u = w[:, start:stop].clone(), upper[start:stop, start:stop]
        scores = block**2 / u.diagonal() ** 2
        order = scores.flatten().sort(stable=True).indices[: scores.numel() // 2]
        mask = torch.zeros(scores.numel(), dtype=torch.bool, device=w.device)
        mask = mask.scatter_(0, order, True).view_as(scores)
        errors = torch.zeros_like(block)
        for i in range(stop - start):
            kept = block[:, i].clone()
            kept[mask[:, i]] = 0
            errors[:, i] = (block[:, i] - kept) / u[i, i]
            block[:, i:] -= errors[:, i : i + 1] @ u[i : i + 1, i:]
            block[:, i] = kept
        w[:, start:stop] = block
        w[:, stop:] -= errors @ upper[start:stop, stop:]
    return w


def main() -> None:
    """Run both ways and write the result."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=128, runs=3)
    runs = options.pop("runs")
    model, ids = model_and_ids(**options)
    walk = Walk(Blocks(model), ids)
    hidden = walk.embed()
    a, b = ours(walk, hidden), plain(walk, hidden)
    error = max(((a[key] - b[key]).norm() / b[key].norm()).item() for key in a)
    ways = {"ours": lambda: ours(walk, hidden), "plain": lambda: plain(walk, hidden)}
    ways = compare(ways, runs)
    aims = {"plain": 4.0 if options["device"] == "cuda" else 1.5}
    report("sparsegpt", options, ways, "ours", aims, greatest_relative_difference=error)


if __name__ == "__main__":
    main()
