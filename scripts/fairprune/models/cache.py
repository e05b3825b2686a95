"""Keys and values of the tokens so far, in room that is made once.

transformers' own cache is copied whole at every step; its static one has every step attend to all
the room that there is.
"""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

if TYPE_CHECKING:
    from transformers import PreTrainedModel

AHEAD = 256  # tokens that room is made for at a time: texts may end long before they must


class RoomyLayer(DynamicLayer):
    """One layer's keys and values, each texts × heads × tokens × size."""

    keys: torch.Tensor
    values: torch.Tensor

    def __init__(self, tokens: int) -> None:
        """Nothing kept yet; a text has so many `tokens` at most, with those that follow."""
        super().__init__()
        self.tokens = tokens
        self._room: list[torch.Tensor] = []

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add the following tokens'; all that there are now."""
        new, start = (key_states, value_states), self.get_seq_length()
        end = start + key_states.shape[-2]
        if not self._room or end > self._room[0].shape[-2]:  # a model may add tokens of its own
            size = max(end, min(self.tokens, end + AHEAD))
            self._room = [x.new_empty(*x.shape[:-2], size, x.shape[-1]) for x in new]
            if start:
                for room, kept in zip(self._room, (self.keys, self.values), strict=True):
                    room[..., :start, :] = kept
            self.lazy_initialization(key_states, value_states)
        for room, x in zip(self._room, new, strict=True):
            room[..., start:end, :] = x
        self.keys, self.values = (room[..., :end, :] for room in self._room)
        return self.keys, self.values

    def spread(self, at: torch.Tensor) -> None:
        """Let each of several texts have those tokens of the only one that `at` says.

        Args:
            at: places, texts × tokens.
        """
        self.keys, self.values = (x[0][:, at].transpose(0, 1) for x in (self.keys, self.values))
        self._room = []

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep the texts of these numbers."""
        super().batch_select_indices(indices)
        self._room = []


def empty_cache(model: PreTrainedModel, tokens: int) -> DynamicCache | None:
    """Room for texts of so many tokens; None where the model keeps anything but all of them.

    Convolutions and recurrent layers do, and attention within windows that are shorter.
    """
    if "past_key_values" not in signature(model.forward).parameters:
        return None
    cache = DynamicCache(config=model.config.get_text_config(decoder=True))
    for number, layer in enumerate(cache.layers):
        within = type(layer) is DynamicSlidingWindowLayer and tokens < layer.sliding_window
        if type(layer) is not DynamicLayer and not within:
            return None
        cache.layers[number] = RoomyLayer(tokens)
    return cache
