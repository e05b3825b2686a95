"""A model's blocks, one at a time on the device."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn

from fairprune.models.layout import find_blocks


class Blocks:
    """The blocks of a model that lies in host memory."""

    def __init__(self, model: nn.Module, device: torch.device | None = None) -> None:
        """The blocks of `model`, to be used on `device` (the model's own, if none is given)."""
        self.model = model
        self.device = device or next(model.parameters()).device
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
        yield copy.deepcopy(self.modules[index]).to(self.device)


def open_blocks(folder: Path, device: str = "auto", dtype: str = "auto") -> Blocks:
    """The blocks of the model in `folder`; arguments and errors as `loading.load_model`."""
    from fairprune.models.loading import load_model, resolve_device

    model = load_model(folder, "cpu", dtype)
    return Blocks(model, resolve_device(device))
