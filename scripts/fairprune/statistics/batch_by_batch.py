"""Gradient norms batch by batch: forwards through all blocks and back, nothing computed twice.

All blocks are held, sums of all weights, and what one batch's way back needs. Each layer's sums
are those of `block_by_block`, to the last bit: the same operations in the same order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from tqdm import tqdm

from fairprune.models import processes
from fairprune.models.layout import find_layers, observed_inputs
from fairprune.models.reproducible import same_bits
from fairprune.models.size import weights_bytes
from fairprune.models.walk import Walk, ends_of
from fairprune.statistics.behind import Behind
from fairprune.statistics.gradients import GradientNorms, norm_shapes, observed_gradients
from fairprune.statistics.held import Held, unpacked
from fairprune.statistics.loss import CHUNK_BYTES, Loss, head_gradient
from fairprune.statistics.products import fast_layers
from fairprune.statistics.progress import Progress, forgotten_on_error
from fairprune.statistics.tensor_file import TensorFile

LOGITS = 5  # of a stretch at one time: as computed, in float32, their logarithms, two gradients


class NoRoom(Exception):
    """The memory does not hold all that this takes."""


def batch_by_batch(
    walk: Walk, progress: Progress, loss: Loss, scale: float, norms: list[str]
) -> tuple[list[float], str] | None:
    """Write the norms of all blocks; the samples' losses and the data's hash.

    None where there is no room: then nothing is summed. That several processes share the
    samples, or that they are on a GPU, is not what this is for.
    """
    if walk.device.type != "cpu" or processes.count() > 1:
        return None
    try:
        with opened(walk, norms) as passes:
            progress.begin()
            data = TensorFile(progress.place(), norm_shapes(walk, norms))
            losses = _all_batches(passes, progress, loss, scale)
            _write(passes, progress, data)
            return losses, data.sha256()
    except NoRoom:
        return None


@contextmanager
def opened(walk: Walk, norms: Iterable[str]) -> Iterator[Passes]:
    """All blocks of the walk, while open.

    Raises:
        NoRoom: the memory does not hold them and the sums of their weights.
    """
    norms = list(norms)
    shapes = [torch.Size(shape) for shape in norm_shapes(walk, norms).values()]
    weights = weights_bytes(walk.blocks.modules)
    beside = sum(
        (
            2 * 4 * sum(shape.numel() for shape in shapes),  # sums: the running slot, those before
            weights_bytes(walk.blocks.model) - weights,  # the head, as it is computed with
            LOGITS * CHUNK_BYTES[walk.device.type],
            2 * 4 * max(shape.numel() for shape in shapes),  # one sample's gradient
        )
    )
    room = walk.blocks.memory.for_whole_passes() - beside
    if weights > room:
        raise NoRoom
    with ExitStack() as stack:
        blocks = [stack.enter_context(walk.block(index)) for index in range(len(walk))]
        passes = Passes(walk, blocks, norms, room)
        stack.enter_context(walk.blocks.outside())  # now: not for embeddings, which it would keep
        for layers in passes.layers:
            stack.enter_context(fast_layers(layers))
        yield passes


class Passes:
    """Batches' ways through all blocks, and the sums of their layers' gradients."""

    def __init__(self, walk: Walk, blocks: list[nn.Module], norms: list[str], room: int) -> None:
        """Nothing summed yet; `room` is bytes for the blocks, the batches and one batch's graph.

        `hidden` is what the first block receives of all batches.
        """
        self.walk, self._blocks, self.hidden = walk, blocks, walk.embed()
        self._room = room - sum(x.nbytes for x in self.hidden)
        self.layers = [find_layers(*pair) for pair in zip(walk.names, blocks, strict=True)]
        self.sums = [
            GradientNorms(layers, norms, walk.slot, walk.blocks.memory) for layers in self.layers
        ]
        for sums in self.sums:
            sums.reserve()
        self._held: Held | None = Held()

    def add(self, number: int, x: torch.Tensor, loss: Loss, scale: float) -> torch.Tensor:
        """Add the gradients of batch `number`, `x` of `hidden`.

        Returns:
            Each sample's loss.

        Raises:
            FairpruneError: as `forward_all`.
            NoRoom: what the way back needs is too much; nothing was added.
        """
        calls = []
        with torch.enable_grad(), same_bits(), ExitStack() as hooks:
            for index, (layers, sums) in enumerate(zip(self.layers, self.sums, strict=True)):
                hooks.enter_context(observed_gradients(layers, len(x), sums))
                x = x.detach().requires_grad_()
                y = self._called(index, number, x)
                self.walk.refuse_not_finite(index, [ends_of(y.detach())])
                calls.append((x, y))
                x = y
            self._held = None
            self.walk.refuse_shared_state()
            dy, losses = head_gradient(self.walk, number, x.detach(), loss, scale)
            while calls:
                x, y = calls.pop()
                (dy,) = torch.autograd.grad(y, x, dy)
        return losses

    def _called(self, index: int, number: int, x: torch.Tensor) -> torch.Tensor:
        block, held = self._blocks[index], self._held
        if held is None:
            return self.walk.call(index, block, number, x)
        with (
            saved_tensors_hooks(held.packed, unpacked),
            observed_inputs(block, self.layers[index], lambda _, received: held.add(received)),
        ):
            y = self.walk.call(index, block, number, x)
        if held.bytes() > self._room:
            raise NoRoom
        return y


def _all_batches(passes: Passes, progress: Progress, loss: Loss, scale: float) -> list[float]:
    """Go through all batches that are not yet summed; every sample's loss."""
    walk, losses, samples = passes.walk, [], 0
    if progress.samples:
        known = progress.sums()
        losses.append(known.pop("losses"))
        for sums in passes.sums:
            sums.go_on(known, progress.samples)
        del known
    with tqdm(total=sum(map(len, walk.input_ids)), desc="gradients", unit="sample") as bar:
        for number, x in enumerate(walk.staged(passes.hidden)):
            samples += len(x)
            if samples > progress.samples:
                with forgotten_on_error(progress):
                    losses.append(passes.add(number, x, loss, scale))
                if samples % walk.slot == 0 and progress.due():
                    found = {"losses": torch.cat(losses)}
                    for sums in passes.sums:
                        found |= sums.so_far()
                    progress.keep(samples, found)
            bar.update(len(x))
    return torch.cat(losses).tolist()


def _write(passes: Passes, progress: Progress, data: TensorFile) -> None:
    with Behind(data) as behind:
        for sums in reversed(passes.sums):
            with forgotten_on_error(progress):
                found = sums.result()
            behind.write(found)
        behind.settle()
    progress.finish(0, ())
