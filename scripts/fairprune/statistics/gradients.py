"""Gradient norms of every weight, sample by sample, without a gradient of the whole model.

Each layer's weight gradients are formed, a few samples at a time, from its inputs and the
gradients of its outputs. Embeddings, norms and the head are frozen.
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
from fairprune.models.memory import ALL, Memory
from fairprune.models.walk import Walk
from fairprune.models.whole import Blocks
from fairprune.statistics.norms import add_norms
from fairprune.statistics.sums import SlotSum

NORMS = ("l1", "l2")
BATCH_TOKENS = 512  # on a CPU: products are as fast as of more, and a batch's graph is small


def samples_walk(blocks: Blocks, input_ids: torch.Tensor) -> Walk:
    """The samples' walk in a gradient job: small batches on a CPU."""
    size = max(1, BATCH_TOKENS // input_ids.shape[1]) if blocks.device.type == "cpu" else None
    return Walk(blocks, input_ids, size)


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

    def reserve(self) -> None:
        """Take all memory that the sums will need; one process's, on the host."""
        for (_, name), each in self.sums.items():
            each.reserve(tuple(self.layers[name].weight.shape))

    def so_far(self) -> dict[str, torch.Tensor]:
        """`NORM.LAYER` → sum over all closed slots, as `go_on` takes it; one process's."""
        found = {f"{norm}.{name}": each.so_far() for (norm, name), each in self.sums.items()}
        return {key: total for key, total in found.items() if total is not None}

    def go_on(self, sums: Mapping[str, torch.Tensor], samples: int) -> None:
        """Begin after the slots of so many samples."""
        for (norm, name), each in self.sums.items():
            if f"{norm}.{name}" in sums:
                each.go_on(sums[f"{norm}.{name}"], samples)

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


def norm_shapes(walk: Walk, norms: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """`NORM.LAYER` → shape, in the order in which they are written: the last block comes first."""
    layers: dict[str, nn.Linear] = {}
    for name, block in reversed([*zip(walk.names, walk.blocks.modules, strict=True)]):
        layers |= find_layers(name, block)
    return {
        f"{norm}.{layer}": tuple(module.weight.shape)
        for layer, module in layers.items()
        for norm in norms
    }
