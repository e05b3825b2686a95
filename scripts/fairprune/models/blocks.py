"""A model's blocks, one at a time on the device."""

from pathlib import Path

from fairprune.models.folder import ModelFolder, open_model
from fairprune.models.loading import load_model, resolve_device, resolve_dtype
from fairprune.models.memory import ALL, Memory
from fairprune.models.sources import find_sources, make_skeleton
from fairprune.models.streaming import StreamedBlocks
from fairprune.models.whole import Blocks
from fairprune.models.working import beside_work


def open_blocks(
    folder: Path | ModelFolder, device: str = "auto", dtype: str = "auto", memory: Memory = ALL
) -> Blocks:
    """The blocks of a model, read from its files as they are wanted.

    Where the files name the weights otherwise than the model does (transformers renames them
    as it loads), the model is loaded whole. Arguments and errors: `loading.load_model`.
    """
    model = open_model(folder)
    target, tensors = resolve_device(device), model.tensors  # what is no model is found by these
    skeleton = make_skeleton(model.config, resolve_dtype(dtype, target, model.config))
    memory = beside_work(memory, skeleton, target)
    sources = find_sources(skeleton, tensors)
    if sources is None:
        return Blocks(load_model(model, target.type, dtype), memory)
    return StreamedBlocks(skeleton, sources, target, memory)
