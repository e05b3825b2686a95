"""Blocks that are read from the model's files when they are wanted, and forgotten afterwards.

The files are memory-mapped: on a CPU one block is held beside the walk's hidden states. On a
GPU the next block is read, pinned and sent on a stream of its own while the present one
computes, and blocks stay on the device when all of them fit.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.models.loading import check_all_finite
from fairprune.models.memory import Memory
from fairprune.models.recording import is_replaced, restore
from fairprune.models.size import weights_bytes
from fairprune.models.sources import Source
from fairprune.models.whole import Blocks

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class StreamedBlocks(Blocks):
    """The blocks of a model that stays in its files."""

    def __init__(
        self,
        model: PreTrainedModel,
        sources: dict[str, Source],
        device: torch.device,
        memory: Memory,
    ) -> None:
        """The blocks of a skeleton whose weights stand in `sources`."""
        super().__init__(model, memory)
        self.device = device
        self._sources = sources
        self._checked: set[str] = set()
        self._open: dict[Path, safe_open] = {}
        self._inside = {id(m) for block in self.modules for m in block.modules()}
        self._previous = -1
        self._ahead: dict[int, Future[tuple[nn.Module, torch.cuda.Event]]] = {}
        self._resident: dict[int, nn.Module] = {}
        self._cuda = device.type == "cuda"
        if self._cuda:
            self._reader = ThreadPoolExecutor(1)
            self._stream = torch.cuda.Stream(device)
            self._stay = weights_bytes(self.modules) < memory.for_blocks(device)
        for path, module in model.named_modules():
            if id(module) not in self._inside:
                self._place_buffers(path, module)

    @contextmanager
    def block(self, index: int) -> Iterator[nn.Module]:
        """One dense block on the device, emptied afterwards; changes to it are forgotten."""
        block = self._sent(index) if self._cuda else self._read(index)
        try:
            yield block
        finally:
            for module in block.modules():  # whoever still holds it must not hold its weights
                module._parameters = dict.fromkeys(module._parameters)

    def _sent(self, index: int) -> nn.Module:
        step = -1 if index < self._previous else 1
        self._previous = index
        if index in self._resident:
            return copy.deepcopy(self._resident[index])
        block = self._take(index)
        if self._stay:
            self._resident[index] = block
            block = copy.deepcopy(block)
        self._prefetch(index + step)
        return block

    @contextmanager
    def outside(self) -> Iterator[PreTrainedModel]:
        """The model; while open, what lies outside its blocks is read when it is called."""
        placed: list[tuple[nn.Module, str, nn.Parameter]] = []
        handles = []

        def place(module: nn.Module, path: str) -> Callable[..., Any]:
            def before(*_: object) -> None:
                if is_replaced(module):
                    return
                for name, parameter in module._parameters.items():
                    if parameter is not None and parameter.is_meta:
                        placed.append((module, name, parameter))
                        full = f"{path}.{name}".removeprefix(".")
                        weight = self._weight(full, parameter, copied=False)
                        self._check(full, {full: weight})
                        module._parameters[name] = weight

            return before

        for path, module in self.model.named_modules():
            if id(module) not in self._inside and module._parameters:
                handles.append(module.register_forward_pre_hook(place(module, path)))
        try:
            yield self.model
        finally:
            for handle in handles:
                handle.remove()
            for module, name, parameter in placed:
                module._parameters[name] = parameter

    def _stored(self, name: str) -> torch.Tensor:
        file, key = self._sources[name]
        if file not in self._open:
            self._open[file] = safe_open(file, framework="pt").__enter__()
        return self._open[file].get_tensor(key)

    def _weight(self, name: str, empty: nn.Parameter, copied: bool) -> nn.Parameter:
        """A weight on the device in the skeleton's dtype; on a CPU mapped unless `copied`."""
        stored = self._stored(name)
        if stored.shape != empty.shape:
            raise FairpruneError(
                f"{name} has shape {tuple(stored.shape)} in {self._sources[name][0]}, the "
                f"configuration says {tuple(empty.shape)}: copy the model's folder again"
            )
        if self._cuda:
            stored = stored.pin_memory().to(self.device, non_blocking=True)
        value = stored.to(empty.dtype, copy=copied and not self._cuda)
        return nn.Parameter(value, requires_grad=False)

    def _read(self, index: int) -> nn.Module:
        block = copy.deepcopy(self.modules[index])
        restore(block)  # the model may just be recorded in another thread
        read: dict[str, torch.Tensor] = {}
        for path, module in block.named_modules():
            here = f"{self.names[index]}.{path}".removesuffix(".")
            for name, parameter in module._parameters.items():
                if parameter is not None:
                    weight = self._weight(f"{here}.{name}", parameter, copied=True)
                    module._parameters[name] = read[f"{here}.{name}"] = weight
            self._place_buffers(here, module)
        self._check(self.names[index], read)
        return block

    def _place_buffers(self, path: str, module: nn.Module) -> None:
        for name, buffer in module._buffers.items():
            full = f"{path}.{name}".removeprefix(".")
            if buffer is not None:
                value = self._stored(full).to(buffer.dtype) if full in self._sources else buffer
                module._buffers[name] = value.to(self.device)

    def _check(self, what: str, weights: dict[str, torch.Tensor]) -> None:
        if what not in self._checked:
            check_all_finite(weights)
            self._checked.add(what)

    def _read_on_stream(self, index: int) -> tuple[nn.Module, torch.cuda.Event]:
        with torch.cuda.device(self.device), torch.cuda.stream(self._stream):
            block = self._read(index)
            return block, self._stream.record_event()

    def _prefetch(self, index: int) -> None:
        if 0 <= index < len(self) and index not in self._resident and index not in self._ahead:
            self._ahead = {index: self._reader.submit(self._read_on_stream, index)}

    def _take(self, index: int) -> nn.Module:
        self._prefetch(index)
        block, ready = self._ahead.pop(index).result()
        present = torch.cuda.current_stream(self.device)
        present.wait_event(ready)
        for tensor in (*block.parameters(), *block.buffers()):
            if tensor.is_cuda:
                tensor.record_stream(present)
        return block
