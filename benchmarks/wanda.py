"""Wanda through a whole model: ours, one sample at a time, and the block forwards alone.

GBLM and HGLA differ from it by one product with gradients that are read from a file.

python benchmarks/wanda.py [--shape 30m] [--samples 16] [--tokens 128] [--runs 3]
"""

import tempfile
from pathlib import Path

import torch
from measure import arguments, compare, model_and_ids, report
from public_norms import plain_norms

from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.pruning.allocate import Model, block_shapes
from fairprune.pruning.checkpoint import Checkpoint
from fairprune.pruning.method import resolve
from fairprune.pruning.statistics import Evidence
from fairprune.pruning.through import prune_blocks


def ours(model, ids):
    """All samples in batches, inputs seen once, masks by partition; checkpoints included."""
    method, blocks = resolve("wanda", sparsity="0.5"), Blocks(model)
    viewed = Model(block_shapes(blocks), blocks, method, Evidence(), ids)
    with tempfile.TemporaryDirectory() as folder, Checkpoint(Path(folder) / "p", {}) as checkpoint:
        prune_blocks(viewed, dict.fromkeys(viewed.layers, 0.5), checkpoint, model.dtype)
        return {k: v.mask for i in range(len(blocks)) for k, v in checkpoint.read_block(i).items()}


def one_by_one(model, ids):
    """Each sample alone, each block twice, a stable sort of every row."""
    walk = Walk(Blocks(model), ids, batch_size=1)
    hidden, masks = walk.embed(), {}
    for index, path in enumerate(walk.names):
        with walk.block(index) as block:
            layers = find_layers(path, block)
            norms, _ = plain_norms(walk, index, block, layers, hidden)
            for name, layer in layers.items():
                scores = layer.weight.float().abs() * norms[name]
                order = scores.sort(dim=1, stable=True).indices[:, : scores.shape[1] // 2]
                mask = torch.zeros_like(scores, dtype=torch.bool).scatter_(1, order, True)
                layer.weight.masked_fill_(mask, 0)
                masks[name] = mask.cpu()
            hidden = walk.run(index, block, hidden)
    return masks


def forwards(model, ids):
    """Each block's forward pass twice, in our batches, nothing measured."""
    walk = Walk(Blocks(model), ids)
    hidden = walk.embed()
    for index in range(len(walk)):
        with walk.block(index) as block:
            walk.run(index, block, hidden)
            hidden = walk.run(index, block, hidden)


def main() -> None:
    """Run all ways and write the result."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=128, runs=3)
    runs = options.pop("runs")
    model, ids = model_and_ids(**options)
    a, b = ours(model, ids), one_by_one(model, ids)
    same = sum(int((a[k] == b[k]).sum()) for k in a) / sum(m.numel() for m in a.values())
    ways = {
        "ours": lambda: ours(model, ids),
        "one sample at a time": lambda: one_by_one(model, ids),
        "block forwards alone, twice": lambda: forwards(model, ids),
    }
    ways = compare(ways, runs)
    aims = {"block forwards alone, twice": 1 / 1.2}
    report("wanda", options, ways, "ours", aims, equal_mask_bits=same)


if __name__ == "__main__":
    main()
