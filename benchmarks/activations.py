"""Dense activation norms: ours, one sample at a time, and the block forwards alone.

python benchmarks/activations.py [--shape 30m] [--samples 16] [--tokens 128] [--runs 3]
"""

import argparse

import torch
from measure import compare, random_ids, random_model, report

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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="30m")
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = vars(parser.parse_args())
    dtype = torch.bfloat16 if options["device"] == "cuda" else torch.float32
    model = random_model(options["shape"], dtype, options["device"])
    ids = random_ids(options["shape"], options["samples"], options["tokens"])
    a, b = dense_activations(Walk(Blocks(model), ids)), one_by_one(model, ids)
    error = max(((a[key] - b[key].cpu()).norm() / a[key].norm()).item() for key in a)
    ways = {
        "ours": lambda: dense_activations(Walk(Blocks(model), ids)),
        "one sample at a time": lambda: one_by_one(model, ids),
        "block forwards alone": lambda: forwards(model, ids),
    }
    ways = compare(ways, options.pop("runs"))
    report("activations", options, ways, "ours", greatest_relative_difference=error)


if __name__ == "__main__":
    main()
