"""How many tokens a model can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PretrainedConfig

NAMES = ("max_position_embeddings", "max_seq_len", "max_sequence_length", "n_positions", "n_ctx")


def context_length(config: PretrainedConfig) -> int | None:
    """That number, as the configuration calls it; None where it sets no limit."""
    text = config.get_text_config(decoder=True)
    found = (getattr(text, name, None) for name in NAMES)
    return next((length for length in found if isinstance(length, int) and length > 0), None)
