"""A variant's folder, opened: masks and what they make of a model, or a compressed model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.io.opened import Opened, open_input
from fairprune.io.together import shared
from fairprune.models.compressed import load_compressed, open_compressed
from fairprune.models.depth import leave_out
from fairprune.models.folder import ModelFolder, open_model
from fairprune.models.layout import find_blocks, find_layers
from fairprune.models.loading import load_model
from fairprune.present import present
from fairprune.pruning.masks import Masks
from fairprune.pruning.packed import MASK, WEIGHTS, open_tensors

if TYPE_CHECKING:
    from transformers import PreTrainedModel

INSPECTED = "inspect_compressed"  # the stage of a compressed model's card


@dataclass(frozen=True)
class PrunedFolder:
    """What prune_model.py made: the folder with its card, and the masks."""

    source: Opened
    masks: Masks

    @property
    def removed_blocks(self) -> list[int]:
        """The blocks that go as a whole; there are no masks then."""
        return self.source.card["figures"].get("removed_blocks", []) if self.source.card else []

    def apply(self, model: PreTrainedModel) -> PreTrainedModel:
        """Prune a loaded model: rewritten weights first, then the mask; or leave blocks out.

        Raises:
            FairpruneError: the masks, weights or blocks are of another model.
        """
        if self.removed_blocks:
            return self._without_blocks(model)
        layers = all_layers(model)
        self.masks.check_model(layers)
        file = self.source.path / WEIGHTS
        weights = open_tensors(file, "pt") if file.is_file() else None
        with torch.no_grad():
            for layer, module in layers.items():
                weight = _weight(module)
                if weights is not None:
                    weight.copy_(_rewritten(weights, file, layer, weight.shape))
                weight.masked_fill_(self.masks.on(layer, weight.device), 0)
        return model

    def _without_blocks(self, model: PreTrainedModel) -> PreTrainedModel:
        blocks = len(find_blocks(model)[1])
        known = len(present(self.source.card)["figures"]["influence"])
        if blocks != known:
            raise FairpruneError(
                f"{self.source.path} is for another model: it speaks of {known} blocks, this one "
                f"has {blocks}"
            )
        return leave_out(model, self.removed_blocks)


@dataclass(frozen=True)
class GivenFolder:
    """What inspect_compressed.py made: links to a compressed model's files, and the card."""

    source: Opened

    def load(self, model: ModelFolder, device: str, dtype: str) -> PreTrainedModel:
        """The compressed model of a model; see `compressed.load_compressed`.

        Raises:
            FairpruneError: it was inspected for a model with other tokens.
        """
        model.check_made_for_it(self.source, "inspect the compressed model again")
        return load_compressed(open_compressed(self.source.path, model), model, device, dtype)


def open_pruned(folder: Path) -> PrunedFolder | GivenFolder:
    """A variant's folder, verified.

    Args:
        folder: made by prune_model.py or inspect_compressed.py.

    Raises:
        FairpruneError: see `Masks`; it has changed since its card was written, or holds neither
            masks nor a card that names blocks.
    """
    source = open_input(folder)
    if source.card and source.card["stage"] == INSPECTED:
        return GivenFolder(source)
    opened = PrunedFolder(source, Masks(source.path / MASK))
    if not (opened.masks.shapes or opened.removed_blocks):
        raise FairpruneError(
            f"{folder} holds no masks, and no card that names blocks: prune the model again"
        )
    return opened


def open_masks(folder: Path) -> PrunedFolder:
    """A pruned variant's folder, verified.

    Raises:
        FairpruneError: see `open_pruned`; or it is a compressed model.
    """
    opened = open_pruned(folder)
    if isinstance(opened, GivenFolder):
        raise FairpruneError(
            f"{folder} is a compressed model, given as it is: take its own files, which are linked "
            "there"
        )
    return opened


def load_variant(
    model: Path | ModelFolder,
    pruned: PrunedFolder | GivenFolder | None = None,
    device: str = "auto",
    dtype: str = "auto",
) -> PreTrainedModel:
    """A model, pruned, compressed or as it is, ready to be run; see `loading.load_model`.

    Steps that run together have it loaded once.

    Args:
        model: folder of the Hugging Face model, opened or not.
        pruned: what `open_pruned` gave; None: the model as it is.
        device, dtype: as of `load_model`.
    """
    opened = open_model(model)

    def load() -> PreTrainedModel:
        if isinstance(pruned, GivenFolder):
            return pruned.load(opened, device, dtype)
        return load_model(opened, device, dtype, pruned.apply if pruned else None)

    return shared((opened.path, pruned and pruned.source.path, device, dtype), load)


def all_layers(model: PreTrainedModel) -> dict[str, nn.Linear]:
    """The layers of all blocks of a model, in its order."""
    path, blocks = find_blocks(model)
    layers: dict[str, nn.Linear] = {}
    for index, block in enumerate(blocks):
        layers |= find_layers(f"{path}.{index}", block)
    return layers


def _weight(module: nn.Linear) -> torch.Tensor:
    """The layer's weight, wherever accelerate keeps it."""
    if module.weight.device.type != "meta":
        return module.weight
    hook: Any = module._hf_hook
    return hook.weights_map["weight"]  # on the host until the layer is called


def _rewritten(weights: safe_open, path: Path, layer: str, shape: torch.Size) -> torch.Tensor:
    try:
        found = weights.get_tensor(f"{layer}.weight")
    except SafetensorError:
        raise FairpruneError(f"{path} has no {layer}.weight: prune the model again") from None
    if found.shape != shape:
        raise FairpruneError(f"{path} is for another model: {layer}.weight has another shape")
    return found
