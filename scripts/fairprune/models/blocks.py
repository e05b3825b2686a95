"""A model's blocks, one at a time on the device."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import nn

from fairprune.models.layout import find_blocks
from fairprune.models.memory import ALL, Memory


class Blocks:
    """The blocks of a model that lies whole in the memory of the device."""

    def __init__(self, model: nn.Module, memory: Memory = ALL) -> None:
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
    def outside(self) -> Iterator[nn.Module]:
        """The model; while open, what lies outside its blocks can be called."""
        yield self.model


def open_blocks(
    folder: Path, device: str = "auto", dtype: str = "auto", memory: Memory = ALL
) -> Blocks:
    """The blocks of the model in `folder`, read from its files as they are wanted.

    Where the files name the weights otherwise than the model does (transformers renames them
    as it loads), the model is loaded whole. Arguments and errors: `loading.load_model`.
    """
    from fairprune.models.files import tensor_files
    from fairprune.models.loading import load_config, load_model, resolve_device, resolve_dtype
    from fairprune.models.plausible import check_layers
    from fairprune.models.sources import find_sources, make_skeleton
    from fairprune.models.streaming import StreamedBlocks

    config = load_config(folder)
    files = tensor_files(folder)
    check_layers(folder, config, files)
    target = resolve_device(device)
    model = make_skeleton(config, resolve_dtype(dtype, target, config))
    sources = find_sources(model, files)
    if sources is None:
        return Blocks(load_model(folder, target.type, dtype), memory)
    return StreamedBlocks(model, sources, target, memory)
