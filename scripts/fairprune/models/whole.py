"""The blocks of a model that is held whole."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from torch import nn

from fairprune.models.layout import find_blocks
from fairprune.models.memory import ALL, Memory

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Blocks:
    """The blocks of a model that lies whole in the memory of the device."""

    def __init__(self, model: PreTrainedModel, memory: Memory = ALL) -> None:
        """The blocks of `model`; `memory` is what its walks may use."""
        self.model = model
        self.memory = memory
        self.device = next(model.parameters()).device
        path, self.modules = find_blocks(model)
        self.names = [f"{path}.{index}" for index in range(len(self.modules))]

    def __len__(self) -> int:
        """The number of blocks."""
        return len(self.names)

    @contextmanager
    def block(self, index: int) -> Iterator[nn.Module]:
        """One dense block on the device.

        Its weights may be changed: the change is gone when the block is asked for again.
        """
        yield copy.deepcopy(self.modules[index])

    @contextmanager
    def outside(self) -> Iterator[PreTrainedModel]:
        """The model; while open, what lies outside its blocks can be called."""
        yield self.model
