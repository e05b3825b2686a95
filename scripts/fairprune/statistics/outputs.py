"""Outputs of linear layers, kept from the forward pass so that none is multiplied twice.

Going back through a block needs its forward pass again. Where there was room to keep what its
linear layers gave, those multiplications are left out: the kept values are the same bits.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from fairprune.models.layout import refuse_uncalled
from fairprune.models.memory import Place
from fairprune.statistics.products import Linear, fast_layers


class KeptOutputs:
    """What the linear layers gave in each of their calls, batch by batch, while there is room."""

    def __init__(self, place: Place) -> None:
        """Nothing kept yet; `place` is the room."""
        self._place = place
        self._kept: dict[tuple[str, int], deque[tuple[torch.Tensor | None, int]]] = {}

    @contextmanager
    def recording(self, block: nn.Module, layers: dict[str, nn.Linear]) -> Iterator[None]:
        """While open, calls of `block` with batch after batch are kept.

        Raises:
            FairpruneError: a layer was never called.
        """
        number = -1

        def begin(*_: object) -> None:
            nonlocal number
            number += 1

        def hook(name: str) -> Callable[..., None]:
            def after(_: nn.Module, args: tuple[Any, ...], output: torch.Tensor) -> None:
                kept = self._kept.setdefault((name, number), deque())
                if self._place.fits(output):
                    self._place.take(output)
                    kept.append((output, output._version))
                else:
                    kept.append((None, 0))

            return after

        handles = [layer.register_forward_hook(hook(name)) for name, layer in layers.items()]
        handles.append(block.register_forward_pre_hook(begin))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
        refuse_uncalled(layers, {name for name, _ in self._kept})

    @contextmanager
    def replayed(self, layers: dict[str, nn.Linear], number: int) -> Iterator[None]:
        """While open, layers give what they gave for batch `number` before, with gradients."""

        def replace(name: str, layer: nn.Linear) -> None:
            kept = self._kept.pop((name, number), deque())
            before = layer.forward

            def forward(x: torch.Tensor) -> torch.Tensor:
                output, version = kept.popleft() if kept else (None, 0)
                if output is not None and output._version == version:  # not changed since
                    return Linear.apply(x, layer.weight, layer.bias, output.detach())
                return before(x)

            vars(layer)["forward"] = forward

        with fast_layers(layers):
            for name, layer in layers.items():
                replace(name, layer)
            yield
