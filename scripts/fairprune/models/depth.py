"""A model without some of its blocks: smaller and faster by itself, an ordinary model."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from torch import nn

from fairprune.errors import FairpruneError
from fairprune.models.layout import find_blocks
from fairprune.models.sources import make_skeleton

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

OF_NO_BLOCK = re.compile(r"architectures|.*token.*")  # lists of a length that is none of depth


def leave_out(model: PreTrainedModel, removed: Collection[int]) -> PreTrainedModel:
    """The same model without the blocks of these numbers; weights are shared, not copied.

    It is made anew from its own configuration, so that it is what transformers makes of it when
    it is exported and loaded: blocks are numbered through, and lists of the configuration that
    say something of each block say it of those that stay. Works on models without weights too.

    Raises:
        FairpruneError: other weights depend on the number of blocks, or on a block's number.
    """
    path, blocks = find_blocks(model)
    stay = [number for number in range(len(blocks)) if number not in removed]
    renumbered = {old: new for new, old in enumerate(stay)}
    block = re.compile(rf"({re.escape(path)}\.)(\d+)(\..+)")
    state = {}
    for name, tensor in model.state_dict().items():
        inside = block.fullmatch(name)
        if inside is None:
            state[name] = tensor
        elif int(inside[2]) in renumbered:
            state[f"{inside[1]}{renumbered[int(inside[2])]}{inside[3]}"] = tensor
    smaller = make_skeleton(shallower(model.config, stay, len(blocks)), model.dtype)
    wanted = smaller.state_dict()
    for name in sorted(wanted.keys() ^ state.keys()):
        raise _depends(model, name)
    for name, tensor in wanted.items():
        if tensor.shape != state[name].shape:
            raise _depends(model, name)
    smaller.load_state_dict(state, assign=True)
    smaller.tie_weights()
    smaller.generation_config = model.generation_config
    if model.device.type != "meta":
        smaller.to(model.device)  # buffers that the files do not hold
    return smaller.requires_grad_(False).eval()


def shallower(config: PretrainedConfig, stay: list[int], blocks: int) -> PretrainedConfig:
    """The configuration of a model that keeps the blocks `stay` of so many."""
    config = copy.deepcopy(config)
    text = config.get_text_config(decoder=True)
    for name, value in list(vars(text).items()):
        each = isinstance(value, list | tuple) and len(value) == blocks
        if each and not OF_NO_BLOCK.fullmatch(name):
            setattr(text, name, type(value)(value[number] for number in stay))
    text.num_hidden_layers = len(stay)
    return config


def _depends(model: nn.Module, name: str) -> FairpruneError:
    return FairpruneError(
        f"{type(model).__name__} cannot do without some of its blocks: its {name} depends on how "
        "many there are; choose a method that prunes weights"
    )
