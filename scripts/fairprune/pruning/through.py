"""Go through a model block after block and prune each."""

from collections.abc import Mapping

import torch
from tqdm import tqdm

from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.present import present
from fairprune.pruning.allocate import Model
from fairprune.pruning.block import Pruned, Share, prune_block
from fairprune.pruning.checkpoint import Checkpoint
from fairprune.pruning.observation import observe, wanted_by


def prune_blocks(
    model: Model, shares: Mapping[str, Share], checkpoint: Checkpoint, stored: torch.dtype
) -> None:
    """Prune every block that is not finished; on the way there the finished ones only run.

    Args:
        model: the unpruned model, the method, and what is known.
        shares: layer path → target sparsity.
        checkpoint: takes each block when it is done.
        stored: see `prune_block`.
    """
    blocks, method, finished = model.open, model.method, checkpoint.finished
    if finished == len(blocks):
        return
    walk, wanted = Walk(blocks, present(model.ids)) if method.walks else None, wanted_by(method)
    hidden = walk.embed() if walk else []
    for index, name in enumerate(tqdm(blocks.names, desc="prune", unit="block")):
        if index < finished and walk is None:
            continue
        with blocks.block(index) as block:
            layers = find_layers(name, block)
            if index < finished:
                _restore(layers, checkpoint.read_block(index))
            else:
                seen = observe(walk, index, block, layers, hidden, wanted)[0] if walk else None
                done = prune_block(layers, method, shares, model.evidence, seen, stored)
                checkpoint.write_block(index, done)
            if walk and index + 1 < len(blocks):
                hidden = walk.run(index, block, hidden)


def _restore(layers: Mapping[str, torch.nn.Linear], done: Mapping[str, Pruned]) -> None:
    for name, layer in layers.items():
        if (weight := done[name].weight) is not None:
            layer.weight.copy_(weight)
        else:
            layer.weight.masked_fill_(done[name].mask.to(layer.weight.device), 0)
