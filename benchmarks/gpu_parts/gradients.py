"""Gradient norms of a whole model: in memory, streamed within 10 GB, written, the public way."""

import tempfile
from pathlib import Path

from gpu_parts.row import dtype_on, row, timed
from gradients import one_by_one, ours
from measure import SHAPES, random_ids, random_model

from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers
from fairprune.models.memory import ALL, Memory
from fairprune.models.walk import Walk
from fairprune.statistics.behind import Behind
from fairprune.statistics.gradients import backward_block, forward_all
from fairprune.statistics.loss import head_gradients
from fairprune.statistics.tensor_file import TensorFile

FEW = 2  # samples of the public way, whose time grows with them


def norms(model, ids, memory, file=None):
    """`l1` of every layer, block by block; each block's goes to `file` beside the next one."""
    walk = Walk(Blocks(model, memory), ids)
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


def written(model, ids, folder):
    """The same into a file of the usual form; its hash is known when it is whole."""
    shapes = {
        f"l1.{name}": tuple(layer.weight.shape)
        for block in reversed(range(len(model.model.layers)))
        for name, layer in find_layers(f"model.layers.{block}", model.model.layers[block]).items()
    }
    file = TensorFile(Path(folder) / "gradients", shapes)
    norms(model, ids, ALL, file)
    return file.sha256()


def scaled(way, options):
    """A way's seconds for all blocks, from `depth` and half of it; the peak of `depth`."""
    whole, depth = SHAPES[options.shape][2], min(options.depth, SHAPES[options.shape][2])
    found = {}
    for blocks in (max(1, depth // 2), depth):
        model = random_model(options.shape, dtype_on(options.device), options.device, blocks)
        found[blocks] = timed(lambda model=model: way(model))
        del model
    (half, (less, _)), (_, (more, peak)) = found.items()
    return more + (more - less) / max(1, depth - half) * (whole - depth), peak


def rows(options):
    """Each way scaled to all blocks, and one whole pass."""
    ids = random_ids(options.shape, options.samples, options.tokens)
    plain, _ = scaled(lambda model: one_by_one(model, ids[:FEW]), options)
    plain *= options.samples / FEW
    inside, _ = scaled(lambda model: norms(model, ids, ALL), options)
    lean, peak = scaled(lambda model: norms(model, ids, Memory(device=10**10)), options)
    with tempfile.TemporaryDirectory() as folder:
        on_disk, _ = scaled(lambda model: written(model, ids, folder), options)
    model = random_model(options.shape, dtype_on(options.device), options.device)
    whole, held = timed(lambda: norms(model, ids, ALL), warm=False)
    both, _ = timed(lambda: ours(model, ids[: 8 * FEW], ALL))
    return [
        row("l1, in memory, scaled", inside, most=10),
        row("l1, all blocks at once", whole, most=10, peak=held),
        row("l1, within 10 GB, scaled", lean, peak=peak),
        row("l1, written and hashed, scaled", on_disk, most=15),
        row("l1 and l2, all blocks, 16 samples", both),
        row("one backward pass a sample, sums on the host, scaled", plain),
        row("the public way against ours", plain / inside, "×", least=20),
    ]
