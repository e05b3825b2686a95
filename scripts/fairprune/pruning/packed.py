"""Packed masks: one bit a weight, and the pruned folders that hold them.

`mask.safetensors` holds one uint8 tensor a layer, keyed by module path: `numpy.packbits` of
the flattened mask (True = pruned), with all `shapes` as JSON in the metadata. A method that
changes kept weights adds `weights.safetensors`, keyed by module path + `.weight`.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from fairprune.errors import FairpruneError
from fairprune.io.cards import verified

MASK, WEIGHTS = "mask.safetensors", "weights.safetensors"


def write_masks(
    path: Path, packed: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, int]]
) -> None:
    """Write packed masks, module path → bits, to `path`."""
    listed = json.dumps({layer: list(shape) for layer, shape in shapes.items()})
    # One entry only: the file's bytes follow the order of several, which is not fixed.
    save_file(dict(packed), path, metadata={"shapes": listed})


class PackedMasks:
    """The bits of a pruned folder, or of one mask file, read layer by layer."""

    def __init__(self, path: Path) -> None:
        """Open and check `path`.

        Raises:
            FairpruneError: missing, truncated, changed since its card, or no mask file.
        """
        path = verified(path)
        self.path = path / MASK if path.is_dir() else path
        self._file = open_tensors(self.path, "numpy")
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

    def bits(self, layer: str) -> np.ndarray:
        """A layer's mask as it is stored, uint8; bits after the last weight are 0."""
        return self._file.get_tensor(layer)


def open_tensors(path: Path, framework: str) -> safe_open:
    """A file of a pruned folder, of tensors of "numpy" or "pt".

    Raises:
        FairpruneError: it is missing, truncated or corrupt.
    """
    if not path.is_file():
        raise FairpruneError(f"{path} does not exist: give a folder made by prune_model.py")
    try:
        return safe_open(path, framework=framework)
    except (SafetensorError, OSError) as error:
        raise FairpruneError(
            f"{path} is truncated or corrupt ({error}): prune the model again"
        ) from None
