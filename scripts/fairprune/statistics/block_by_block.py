"""Gradient norms block by block: one block is held at a time, all samples go through it in step.

Forwards through all blocks, then backwards: each is computed once more, and all samples'
gradients are handed down through it.
"""

from collections.abc import Callable, Iterable

import torch
from tqdm import tqdm

from fairprune.models import processes
from fairprune.models.layout import find_layers, observed_inputs
from fairprune.models.reproducible import same_bits
from fairprune.models.walk import Batches, Walk
from fairprune.statistics.behind import Behind
from fairprune.statistics.gradients import GradientNorms, norm_shapes, observed_gradients
from fairprune.statistics.loss import Loss, head_gradients
from fairprune.statistics.products import fast_layers
from fairprune.statistics.progress import Progress, forgotten_on_error
from fairprune.statistics.tensor_file import TensorFile


def block_by_block(
    walk: Walk, progress: Progress, loss: Loss, scale: float, norms: list[str]
) -> tuple[list[float], str]:
    """Write the norms of all blocks that are not finished; the samples' losses, the data's hash."""
    bar = tqdm(total=2 * len(walk), desc="gradients", unit="block")
    received, hidden = forward_all(walk, bar.update)
    upstream, losses = head_gradients(walk, hidden, loss, scale)
    del hidden
    remaining = range(len(walk))
    if progress.finished is not None:
        remaining = range(progress.finished)
        upstream = [walk.keep(x.to(walk.device)) for x in progress.upstream()]
    bar.update(len(walk) - len(remaining))
    progress.begin()
    shapes = norm_shapes(walk, norms)
    data = TensorFile(progress.place(), shapes) if processes.number() == 0 else None
    with Behind(data) as behind:
        for index in reversed(remaining):
            with forgotten_on_error(progress):
                upstream, found = backward_block(walk, index, received[index], upstream, norms)
            received[index] = []
            behind.write(found)
            del found
            if progress.due() or index == 0:
                behind.settle()
                progress.finish(index, walk.staged(upstream))
            bar.update()
    bar.close()
    every = torch.cat([*processes.gathered([losses])]).tolist()
    return every, data.sha256() if data else ""


def forward_all(
    walk: Walk, progress: Callable[[], object] = lambda: None
) -> tuple[list[Batches], Batches]:
    """What every block receives, and what the last one gives.

    `progress` is called after every block.

    Raises:
        FairpruneError: a layer is never called, or blocks hand on more than hidden states.
    """
    received = [walk.embed()]
    for index, name in enumerate(walk.names):
        with walk.block(index) as block:
            layers = find_layers(name, block)
            with fast_layers(layers), observed_inputs(block, layers, lambda *_: None):
                received.append(walk.run(index, block, received[-1]))
        progress()
    walk.refuse_shared_state()
    return received[:-1], received[-1]


def backward_block(
    walk: Walk, index: int, hidden: Batches, upstream: Batches, norms: Iterable[str]
) -> tuple[Batches, dict[str, torch.Tensor]]:
    """Hand the gradients of all samples down through one block.

    Args:
        walk: the samples' walk.
        index: the block's number.
        hidden: what the block received in the forward pass.
        upstream: gradients of what it gave.
        norms: the norms wanted, of `l1` and `l2`.

    Returns:
        Gradients of what the block received, and `NORM.LAYER` → norm on the device.
    """
    downstream = []
    with walk.block(index) as block:
        layers = find_layers(walk.names[index], block)
        sums = GradientNorms(layers, norms, walk.slot, walk.blocks.memory)
        pairs = zip(walk.staged(hidden), walk.staged(upstream), strict=True)
        for number, (x, dy) in enumerate(pairs):
            with (
                torch.enable_grad(),
                same_bits(),
                fast_layers(layers),
                observed_gradients(layers, x.shape[0], sums),
            ):
                x = x.detach().requires_grad_()
                out = walk.call(index, block, number, x)
                (dx,) = torch.autograd.grad(out, x, dy)
            downstream.append(walk.keep(dx))
        return downstream, sums.result()
