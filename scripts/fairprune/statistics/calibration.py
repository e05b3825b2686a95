"""Calibration sets: `input_ids`, int64, samples × tokens, in a safetensors file."""

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from fairprune.errors import FairpruneError
from fairprune.io.opened import Opened, open_input
from fairprune.models.context import context_length
from fairprune.models.folder import ModelFolder

REMEDY = "make it with prepare_calibration.py for this model"


@dataclass(frozen=True)
class Calibration:
    """A calibration set: its token ids, int64, samples × tokens, and the file that they are of."""

    source: Opened
    ids: torch.Tensor


def open_calibration(file: Path, model: ModelFolder) -> Calibration:
    """A calibration file, checked against the model that will read it.

    Args:
        file: safetensors with `input_ids`; verified when it has a card.
        model: the model, whose tokenizer must be the one of the card.

    Returns:
        At least one sample of at least two tokens.

    Raises:
        FairpruneError: no file, a truncated one, no or malformed ids, ids outside the
            vocabulary, samples longer than the model's context, or another model's tokenizer.
    """
    file = Path(file)
    if not file.is_file():
        raise FairpruneError(f"{file} does not exist: {REMEDY}")
    source = open_input(file)
    model.check_made_for_it(source, REMEDY)
    try:
        ids = load_file(file).get("input_ids")
    except (SafetensorError, OSError, ValueError) as error:
        raise FairpruneError(
            f"{file} is truncated or not safetensors ({error}): {REMEDY}"
        ) from None
    if ids is None or ids.dtype != torch.int64 or ids.ndim != 2 or not ids.numel():
        shape = "none" if ids is None else f"{ids.dtype} of shape {tuple(ids.shape)}"
        raise FairpruneError(
            f"{file} must hold input_ids, int64, samples × tokens; found {shape}: {REMEDY}"
        )
    text = model.config.get_text_config(decoder=True)
    low, high = int(ids.min()), int(ids.max())
    if low < 0 or high >= text.vocab_size:
        raise FairpruneError(
            f"{file} holds token id {low if low < 0 else high}, the model's vocabulary has "
            f"{text.vocab_size}: it was made for another model, {REMEDY}"
        )
    context = context_length(model.config) or ids.shape[1]
    if not 2 <= ids.shape[1] <= context:
        raise FairpruneError(
            f"{file} has samples of {ids.shape[1]} tokens, the model's context allows "
            f"2 to {context}: {REMEDY}"
        )
    return Calibration(source, ids)
