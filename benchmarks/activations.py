"""Dense activation norms: ours, one sample at a time, and the block forwards alone.

python benchmarks/activations.py [--shape 30m] [--samples 16] [--tokens 128] [--runs 3]
"""

import torch
from measure import arguments, compare, model_and_ids, report

from fairprune.models.blocks import Blocks
from fairprune.models.walk import Walk
from fairprune.statistics.activations import dense_activations


def one_by_one(model, ids):
    """Each sample alone through the whole model; every layer sums its own inputs' squares."""
    sums = {}

    def hook(name):
        def before(_, args):
            sums[name] = sums.get(name, 0) + args[0].float().pow(2).sum((0, 1))

        return before

    handles = [
        layer.register_forward_pre_hook(hook(name))
        for name, layer in model.named_modules()
        if isinstance(layer, torch.nn.Linear) and name != "lm_head"
    ]
    with torch.no_grad():
        for sample in ids.to(model.device):
            model(sample[None], use_cache=False)
    for handle in handles:
        handle.remove()
    return {name: (total / len(ids)).sqrt() for name, total in sums.items()}


def forwards(model, ids):
    """The blocks' forward passes in our batches, nothing measured."""
    walk = Walk(Blocks(model), ids)
    hidden = walk.embed()
    for index in range(len(walk)):
        with walk.block(index) as block:
            hidden = walk.run(index, block, hidden)


def main() -> None:
    """Run all ways and write the result."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=128, runs=3)
    runs = options.pop("runs")
    model, ids = model_and_ids(**options)
    a, b = dense_activations(Walk(Blocks(model), ids)), one_by_one(model, ids)
    error = max(((a[key] - b[key].cpu()).norm() / a[key].norm()).item() for key in a)
    ways = {
        "ours": lambda: dense_activations(Walk(Blocks(model), ids)),
        "one sample at a time": lambda: one_by_one(model, ids),
        "block forwards alone": lambda: forwards(model, ids),
    }
    ways = compare(ways, runs)
    report("activations", options, ways, "ours", greatest_relative_difference=error)


if __name__ == "__main__":
    main()
