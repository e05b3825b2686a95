"""Packed masks: one bit a weight, and the pruned folders that hold them.

`mask.safetensors` holds one uint8 tensor a layer, keyed by module path: `numpy.packbits` of
the flattened mask (True = pruned), with all `shapes` as JSON in the metadata. A method that
changes kept weights adds `weights.safetensors`, keyed by module path + `.weight`.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.io.cards import verified
from fairprune.models.layout import find_blocks, find_layers

MASK, WEIGHTS = "mask.safetensors", "weights.safetensors"


def pack(mask: torch.Tensor) -> np.ndarray:
    """A boolean mask as bits, uint8."""
    return np.packbits(mask.cpu().numpy().reshape(-1))


def unpack(bits: np.ndarray, shape: tuple[int, int]) -> torch.Tensor:
    """The boolean mask of `pack`, out × in."""
    total = shape[0] * shape[1]
    return torch.from_numpy(np.unpackbits(bits, count=total).view(bool).reshape(shape))


def write_masks(
    path: Path, packed: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, int]]
) -> None:
    """Write packed masks, module path → bits, to `path`."""
    listed = json.dumps({layer: list(shape) for layer, shape in shapes.items()})
    # One entry only: the file's bytes follow the order of several, which is not fixed.
    save_file(dict(packed), path, metadata={"shapes": listed})


class Masks:
    """The masks of a pruned folder, or of one file, read layer by layer."""

    def __init__(self, path: Path) -> None:
        """Open and check `path`.

        Raises:
            FairpruneError: missing, truncated, changed since its card, or no mask file.
        """
        path = verified(path)
        self.path = path / MASK if path.is_dir() else path
        self._file = _open(self.path)
        try:
            listed = json.loads((self._file.metadata() or {})["shapes"])
            self.shapes = {layer: (int(rows), int(cols)) for layer, (rows, cols) in listed.items()}
        except (KeyError, ValueError, TypeError, AttributeError):
            raise FairpruneError(
                f"{self.path} lists no shapes: it is no mask file of prune_model.py"
            ) from None
        keys = set(self._file.keys())
        for layer, (rows, columns) in self.shapes.items():
            stored = self._file.get_slice(layer).get_shape() if layer in keys else None
            if stored != [-(-rows * columns // 8)]:
                raise FairpruneError(
                    f"{self.path}: the bits of {layer} do not fit its shape {rows} × {columns}; "
                    "prune the model again"
                )

    def __getitem__(self, layer: str) -> torch.Tensor:
        """The layer's mask, out × in, True where pruned."""
        return unpack(self._file.get_tensor(layer), self.shapes[layer])

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


def all_layers(model: nn.Module) -> dict[str, nn.Linear]:
    """The layers of all blocks of a model, in its order."""
    path, blocks = find_blocks(model)
    layers: dict[str, nn.Linear] = {}
    for index, block in enumerate(blocks):
        layers |= find_layers(f"{path}.{index}", block)
    return layers


def apply_pruned(model: nn.Module, folder: Path) -> None:
    """Prune a loaded model as a pruned folder says: rewritten weights first, then the mask.

    Raises:
        FairpruneError: see `Masks`; or the masks or weights are for another model.
    """
    masks = Masks(folder)
    layers = all_layers(model)
    masks.check_model(layers)
    rewritten = Path(folder) / WEIGHTS
    weights = _open(rewritten) if rewritten.is_file() else None
    with torch.no_grad():
        for layer, module in layers.items():
            weight = _weight(module)
            if weights is not None:
                weight.copy_(_rewritten(weights, rewritten, layer, weight.shape))
            weight.masked_fill_(masks[layer].to(weight.device), 0)


def _weight(module: nn.Linear) -> torch.Tensor:
    """The layer's weight, wherever accelerate keeps it."""
    if module.weight.device.type != "meta":
        return module.weight
    return module._hf_hook.weights_map["weight"]  # on the host until the layer is called


def _rewritten(weights: safe_open, path: Path, layer: str, shape: torch.Size) -> torch.Tensor:
    try:
        found = weights.get_tensor(f"{layer}.weight")
    except SafetensorError:
        raise FairpruneError(f"{path} has no {layer}.weight: prune the model again") from None
    if found.shape != shape:
        raise FairpruneError(f"{path} is for another model: {layer}.weight has another shape")
    return found


def _open(path: Path) -> safe_open:
    framework = "pt" if path.name == WEIGHTS else "numpy"
    if not path.is_file():
        raise FairpruneError(f"{path} does not exist: give a folder made by prune_model.py")
    try:
        return safe_open(path, framework=framework)
    except (SafetensorError, OSError) as error:
        raise FairpruneError(
            f"{path} is truncated or corrupt ({error}): prune the model again"
        ) from None
