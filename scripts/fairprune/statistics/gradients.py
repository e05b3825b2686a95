"""Gradient norms of every weight, sample by sample, without a gradient of the whole model.

Backwards through the blocks: each is computed once more, all samples' gradients are handed
down through it, and each layer's weight gradients are formed, a few samples at a time, from
its inputs and the gradients of its outputs. Embeddings, norms and the head are frozen.
Definitions: GBLM-Pruner (arXiv:2311.04902), HGLA (EMNLP 2025); see `G` in the methods' table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.models.layout import find_layers
from fairprune.models.memory import ALL, Memory, Place
from fairprune.models.reproducible import same_bits
from fairprune.models.walk import Batches, Walk
from fairprune.statistics.norms import add_norms
from fairprune.statistics.outputs import KeptOutputs
from fairprune.statistics.products import fast_layers
from fairprune.statistics.sums import SlotSum

NORMS = ("l1", "l2")


class GradientNorms:
    """`l1 = Σ_s |g_s|` and `l2 = sqrt(Σ_s g_s²)` of one block's layers, float32, on the device.

    `g_s = Σ_t dy_t ⊗ x_t` is the gradient of sample `s` alone, out × in.
    """

    def __init__(
        self,
        layers: Mapping[str, nn.Linear],
        norms: Iterable[str],
        slot: int,
        memory: Memory = ALL,
    ) -> None:
        """Nothing seen yet; `norms` are the ones wanted, `slot` is the samples of a slot."""
        self.layers, self.memory = layers, memory
        self.sums = {(norm, name): SlotSum(slot) for norm in norms for name in layers}

    def add(self, name: str, x: torch.Tensor, dy: torch.Tensor) -> None:
        """Take one batch of a layer: inputs and output gradients, samples × tokens × in | out."""
        shape = dy.shape[-1], x.shape[-1]
        sums = {norm: self.sums[norm, name] for norm in NORMS if (norm, name) in self.sums}
        parts = {norm: each.part(shape, x.device) for norm, each in sums.items()}
        room = self.memory.for_products(x.device) if x.is_cuda else 0
        add_norms(x, dy, parts, room)
        for each in sums.values():
            each.count(x.shape[0])

    def result(self) -> dict[str, torch.Tensor]:
        """`NORM.LAYER` → norm, out × in.

        Raises:
            FairpruneError: a gradient was NaN or infinite; it names the layer.
        """
        found = {}
        for norm, name in list(self.sums):
            total, samples = self.sums.pop((norm, name)).total()
            if not samples:  # nothing that the loss sees comes from this layer
                total = torch.zeros_like(self.layers[name].weight, dtype=torch.float32)
            found[f"{norm}.{name}"] = total.sqrt_() if norm == "l2" else total
        finite = torch.stack([torch.isfinite(total.sum()) for total in found.values()])
        for key, good in zip(found, finite.tolist(), strict=True):
            if not good:
                raise FairpruneError(
                    f"the gradient of {key.partition('.')[2]} is NaN or infinite: "
                    "use --dtype bfloat16 or float32"
                )
        return found


@contextmanager
def observed_gradients(
    layers: dict[str, nn.Linear], samples: int, norms: GradientNorms
) -> Iterator[None]:
    """While open, a forward and a backward pass of one batch add to `norms`."""
    calls: dict[str, int] = dict.fromkeys(layers, 0)
    waiting: dict[str, list[tuple[torch.Tensor, torch.Tensor]]] = {name: [] for name in layers}

    def add(name: str) -> None:
        xs, dys = zip(*waiting.pop(name), strict=True)
        norms.add(name, *(t[0] if len(t) == 1 else torch.cat(t, 1) for t in (xs, dys)))

    def backward(name: str, x: torch.Tensor, dy: torch.Tensor) -> None:
        # A layer that was called several times has one gradient, the sum over its calls.
        flat = [t.detach().reshape(samples, -1, t.shape[-1]) for t in (x, dy)]
        waiting[name].append((flat[0], flat[1]))
        if len(waiting[name]) == calls[name]:
            add(name)

    def hook(name: str) -> Callable[..., None]:
        def forward(_: nn.Module, args: tuple[Any, ...], out: torch.Tensor) -> None:
            calls[name] += 1
            out.register_hook(lambda dy, x=args[0]: backward(name, x, dy))

        return forward

    handles = [layer.register_forward_hook(hook(name)) for name, layer in layers.items()]
    try:
        yield
        for name in [name for name, pairs in waiting.items() if pairs]:
            add(name)  # not all that it gave was used
    finally:
        for handle in handles:
            handle.remove()


def backward_block(
    walk: Walk,
    index: int,
    hidden: Batches,
    upstream: Batches,
    norms: Iterable[str],
    outputs: KeptOutputs,
) -> tuple[Batches, dict[str, torch.Tensor]]:
    """Hand the gradients of all samples down through one block.

    Args:
        walk: the samples' walk.
        index: the block's number.
        hidden: what the block received in the forward pass.
        upstream: gradients of what it gave.
        norms: the norms wanted, of `l1` and `l2`.
        outputs: what of the forward pass was kept.

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
                observed_gradients(layers, x.shape[0], sums),
                outputs.replayed(layers, number),
            ):
                x = x.detach().requires_grad_()
                out = walk.call(index, block, number, x)
                (dx,) = torch.autograd.grad(out, x, dy)
            downstream.append(walk.keep(dx))
        return downstream, sums.result()


def forward_all(
    walk: Walk, progress: Callable[[], object] = lambda: None
) -> tuple[list[Batches], Batches, KeptOutputs]:
    """What every block receives, and what the last one gives, kept for the way back.

    `progress` is called after every block.

    Raises:
        FairpruneError: a layer is never called, or blocks hand on more than hidden states.
    """
    received = [walk.embed()]
    outputs = KeptOutputs(Place(walk.blocks.memory.for_outputs(walk.device)))
    for index, name in enumerate(walk.names):
        with walk.block(index) as block:
            layers = find_layers(name, block)
            with fast_layers(layers), outputs.recording(block, layers):
                received.append(walk.run(index, block, received[-1]))
        progress()
    walk.refuse_shared_state()
    return received[:-1], received[-1], outputs
