"""Gradient norms of a whole model: in memory, streamed within 10 GB, written, the public way.

In memory also without Triton's kernel, whose sums of one layer are set beside those without it.
"""

import tempfile
from pathlib import Path
from unittest.mock import patch

import torch
from gpu_parts.row import dtype_on, row, timed
from gradients import one_by_one
from measure import SHAPES, random_ids, random_model

from fairprune.models.blocks import open_blocks
from fairprune.models.layout import find_layers
from fairprune.models.memory import Memory
from fairprune.models.whole import Blocks
from fairprune.statistics.behind import Behind
from fairprune.statistics.block_by_block import backward_block, forward_all
from fairprune.statistics.gradients import samples_walk
from fairprune.statistics.loss import head_gradients
from fairprune.statistics.norms import add_norms, kernel_on
from fairprune.statistics.tensor_file import TensorFile

LIMIT = 10**10
FEW = 2  # samples of the public way, whose time grows with them
WITHOUT = patch("fairprune.statistics.norms.kernel_on", lambda *_: None)


def norms(blocks, ids, file=None):
    """`l1` of every layer, block by block; each block's goes to `file` beside the next one."""
    walk = samples_walk(blocks, ids)
    received, hidden = forward_all(walk)
    upstream, _ = head_gradients(walk, hidden, "full", 100.0)
    del hidden
    with Behind(file) as behind:
        for index in reversed(range(len(walk))):
            upstream, found = backward_block(walk, index, received[index], upstream, ["l1"])
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


def layer_rows(options):
    """Sums of one layer's norms, all samples at once: by the kernel, without it, both compared."""
    hidden, inner, *_ = SHAPES[options.shape]
    how = {"dtype": dtype_on(options.device), "device": options.device}
    torch.manual_seed(0)
    x, dy = (torch.randn(options.samples, options.tokens, n, **how) for n in (hidden, inner))
    room = Memory().for_products(x.device) if x.is_cuda else 0
    works = x.is_cuda and kernel_on(x.device, x.dtype) is not None
    found = [row("Triton's kernel works here", float(works), "of 1", least=1)]

    def summed(norms):
        sums = {norm: torch.zeros(inner, hidden, device=x.device) for norm in norms}
        add_norms(x, dy, sums, room)
        return sums

    for norms in (["l1"], ["l2"], ["l1", "l2"]):
        what = f"{' and '.join(norms)} of one layer, {inner} × {hidden}"
        seconds, peak = timed(lambda norms=norms: summed(norms))
        with WITHOUT:
            plain, most = timed(lambda norms=norms: summed(norms))
        found += [
            row(f"{what}, by the kernel", seconds, peak=peak),
            row(f"{what}, without it", plain, peak=most),
            row(f"{what}, without it against with it", plain / seconds, "×"),
        ]
    ours = summed(["l1", "l2"])
    with WITHOUT:
        expected = summed(["l1", "l2"])
    for norm, plain in expected.items():
        error = ((ours[norm] - plain).norm() / plain.norm()).item()
        found.append(row(f"{norm}, relative difference of the two", error, "relative", most=1e-5))
    return found


def rows(options):
    """Each way scaled to all blocks, and one whole pass."""
    ids = random_ids(options.shape, options.samples, options.tokens)
    plain, _ = scaled(lambda model: one_by_one(model, ids[:FEW]), options, lambda model: model)
    plain *= options.samples / FEW
    inside, _ = scaled(lambda blocks: norms(blocks, ids), options)
    with WITHOUT:
        without, _ = scaled(lambda blocks: norms(blocks, ids), options)
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
        row("l1, in memory without Triton's kernel, scaled", without),
        row("l1, all blocks at once", whole, most=10, peak=held),
        row("l1, streamed within 10 GB, scaled", lean, peak=peak),
        row("peak of that", peak / 1e9, "GB", most=10),
        row("l1, written and hashed, scaled", on_disk, most=15),
        row("one backward pass a sample, sums on the host, scaled", plain),
        row("the public way against ours", plain / inside, "×", least=20),
        *layer_rows(options),
    ]
