"""Masks as tensors: packed, unpacked, and compared with a model's layers."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.pruning.packed import PackedMasks


def pack(mask: torch.Tensor) -> np.ndarray:
    """A boolean mask as bits, uint8."""
    if mask.device.type == "cpu":
        return np.packbits(mask.numpy().reshape(-1))
    return pack_there(mask).cpu().numpy()


def pack_there(mask: torch.Tensor) -> torch.Tensor:
    """The same where the mask is, so that an eighth of it is sent."""
    every = nn.functional.pad(mask.flatten(), (0, -mask.numel() % 8)).view(-1, 8)
    return (every * _places(mask.device)).sum(dim=1, dtype=torch.uint8)


def unpack(bits: np.ndarray, shape: tuple[int, int]) -> torch.Tensor:
    """The boolean mask of `pack`, out × in."""
    total = shape[0] * shape[1]
    return torch.from_numpy(np.unpackbits(bits, count=total).view(bool).reshape(shape))


def unpack_there(bits: torch.Tensor, shape: tuple[int, int]) -> torch.Tensor:
    """The same where the bits are, an eighth of what the mask takes to send."""
    every = (bits.unsqueeze(1) & _places(bits.device)) != 0
    return every.flatten()[: shape[0] * shape[1]].view(shape)


def _places(device: torch.device) -> torch.Tensor:
    """What the bits of a byte are worth, the first one most."""
    return 1 << torch.arange(7, -1, -1, dtype=torch.uint8, device=device)


class Masks(PackedMasks):
    """The masks of a pruned folder, or of one file, read layer by layer."""

    def __getitem__(self, layer: str) -> torch.Tensor:
        """The layer's mask, out × in, True where pruned."""
        return unpack(self.bits(layer), self.shapes[layer])

    def on(self, layer: str, device: torch.device) -> torch.Tensor:
        """The same on a device."""
        if device.type == "cpu":
            return self[layer]
        bits = torch.from_numpy(self.bits(layer))
        return unpack_there(bits.to(device), self.shapes[layer])

    def check_model(self, layers: Mapping[str, nn.Linear]) -> None:
        """See that the masks are those of a model with these layers.

        Raises:
            FairpruneError: it names the first layer that differs.
        """
        for layer in sorted(layers.keys() ^ self.shapes.keys()):
            where = "the masks" if layer in layers else "the model"
            raise FairpruneError(f"{self.path} is for another model: {where} have no {layer}")
        for layer, module in layers.items():
            shape = (module.out_features, module.in_features)
            if shape != self.shapes[layer]:
                raise FairpruneError(
                    f"{self.path} is for another model: {layer} is {shape[0]} × {shape[1]} in the "
                    f"model and {self.shapes[layer][0]} × {self.shapes[layer][1]} in the mask"
                )
