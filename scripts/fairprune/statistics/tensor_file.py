"""A safetensors file that is written tensor by tensor: it may be larger than the memory."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from fairprune.errors import FairpruneError


class TensorFile:
    """A file of float32 tensors whose names and shapes are known beforehand."""

    def __init__(self, path: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Make `path`, or open it where it was made for the same shapes before."""
        self.path = path
        header: dict[str, dict[str, Any]] = {}
        end = 0
        for name, shape in shapes.items():
            start, end = end, end + 4 * int(torch.Size(shape).numel())
            offsets = {"dtype": "F32", "shape": list(shape), "data_offsets": [start, end]}
            header[name] = offsets
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        self._begin = {n: 8 + len(text) + about["data_offsets"][0] for n, about in header.items()}
        size = 8 + len(text) + end
        if not path.is_file() or path.stat().st_size != size:
            with path.open("wb") as file:
                file.write(len(text).to_bytes(8, "little") + text)
                file.truncate(size)

    def write(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Write tensors, float32 on the host, and wait until the disk has them.

        Raises:
            FairpruneError: the disk is full.
        """
        try:
            with self.path.open("r+b") as file:
                for name, tensor in tensors.items():
                    file.seek(self._begin[name])
                    file.write(tensor.contiguous().numpy().data.cast("B"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise FairpruneError(
                f"cannot write {self.path}: {error.strerror}; free space and start again"
            ) from error
