"""Gradient norms of a whole model: in memory, streamed within 10 GB, written, the public way."""

import tempfile
from pathlib import Path

import torch
from gpu_parts.row import dtype_on, row, timed
from gradients import one_by_one
from measure import SHAPES, random_ids, random_model

from fairprune.models.blocks import open_blocks
from fairprune.models.layout import find_layers
from fairprune.models.memory import Memory
from fairprune.models.walk import Walk
from fairprune.models.whole import Blocks
from fairprune.statistics.behind import Behind
from fairprune.statistics.gradients import backward_block, forward_all
from fairprune.statistics.loss import head_gradients
from fairprune.statistics.tensor_file import TensorFile

LIMIT = 10**10
FEW = 2  # samples of the public way, whose time grows with them


def norms(blocks, ids, file=None):
    """`l1` of every layer, block by block; each block's goes to `file` beside the next one."""
    walk = Walk(blocks, ids)
    received, hidden, outputs = forward_all(walk)
    upstream, _ = head_gradients(walk, hidden, "full", 100.0)
    del hidden
    with Behind(file) as behind:
        for index in reversed(range(len(walk))):
            upstream, found = backward_block(
                walk, index, received[index], upstream, ["l1"], outputs
            )
            received[index] = []
            behind.write(found)
        behind.settle()


def written(blocks, ids, folder):
    """The same into a file of the usual form; its hash is known when it is whole."""
    shapes = {
        f"l1.{name}": tuple(layer.weight.shape)
        for path, block in reversed([*zip(blocks.names, blocks.modules, strict=True)])
        for name, layer in find_layers(path, block).items()
    }
    file = TensorFile(Path(folder) / "gradients", shapes)
    norms(blocks, ids, file)
    return file.sha256()


def made(options, depth=None):
    """A random model on the device."""
    return random_model(options.shape, dtype_on(options.device), options.device, depth)


def scaled(way, options, opened=Blocks):
    """A way's seconds for all blocks, from `depth` and half of it; the peak of `depth`."""
    whole = SHAPES[options.shape][2]
    depth, found = min(options.depth, whole), {}
    for blocks in (max(1, depth // 2), depth):
        model = opened(made(options, blocks))
        found[blocks] = timed(lambda model=model: way(model))
        del model
    (half, (less, _)), (_, (more, peak)) = found.items()
    return more + (more - less) / max(1, depth - half) * (whole - depth), peak


def rows(options):
    """Each way scaled to all blocks, and one whole pass."""
    ids = random_ids(options.shape, options.samples, options.tokens)
    plain, _ = scaled(lambda model: one_by_one(model, ids[:FEW]), options, lambda model: model)
    plain *= options.samples / FEW
    inside, _ = scaled(lambda blocks: norms(blocks, ids), options)
    with tempfile.TemporaryDirectory() as folder:
        on_disk, _ = scaled(lambda blocks: written(blocks, ids, folder), options)

        def streamed(model):
            model.save_pretrained(Path(folder) / "m")
            limit = Memory(device=LIMIT)
            return open_blocks(Path(folder) / "m", options.device, "auto", limit)

        lean, peak = scaled(lambda blocks: norms(blocks, ids), options, streamed)
    if torch.cuda.is_available():
        torch.cuda.set_per_process_memory_fraction(1.0)
    model = made(options)
    whole, held = timed(lambda: norms(Blocks(model), ids), warm=False)
    return [
        row("l1, in memory, scaled", inside, most=10),
        row("l1, all blocks at once", whole, most=10, peak=held),
        row("l1, streamed within 10 GB, scaled", lean, peak=peak),
        row("peak of that", peak / 1e9, "GB", most=10),
        row("l1, written and hashed, scaled", on_disk, most=15),
        row("one backward pass a sample, sums on the host, scaled", plain),
        row("the public way against ours", plain / inside, "×", least=20),
    ]
