"""A safetensors file that is written tensor by tensor: it may be larger than the memory."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from fairprune.errors import FairpruneError

_PIECE = 1 << 24


class TensorFile:
    """A file of float32 tensors whose names and shapes are known beforehand."""

    def __init__(self, path: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Make `path`, or open it where it was made for the same shapes before.

        Raises:
            FairpruneError: the disk is full, or no file may be so large.
        """
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
        text = len(text).to_bytes(8, "little") + text
        self._digest, self._seen = hashlib.sha256(text), len(text)
        size = len(text) + end
        if not path.is_file() or path.stat().st_size != size:
            with self._explained(), path.open("wb") as file:
                file.write(text)
                file.truncate(size)

    def write(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Write tensors, float32 on the host; best in the file's order, see `sha256`.

        Raises:
            FairpruneError: the disk is full.
        """
        with self._explained(), self.path.open("r+b") as file:
            for name, tensor in tensors.items():
                data = tensor.contiguous().numpy().data.cast("B")
                file.seek(self._begin[name])
                file.write(data)
                if self._begin[name] == self._seen:
                    self._digest.update(data)
                    self._seen += len(data)

    def sync(self) -> None:
        """Wait until the disk has all that was written.

        Raises:
            FairpruneError: it is full.
        """
        with self._explained(), self.path.open("r+b") as file:
            os.fsync(file.fileno())

    def sha256(self) -> str:
        """SHA-256 of the whole file: what was written in its order is not read again."""
        with self.path.open("rb") as file:
            file.seek(self._seen)
            while data := file.read(_PIECE):
                self._digest.update(data)
                self._seen += len(data)
        return self._digest.hexdigest()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FairpruneError(
                f"cannot write {self.path}: {error.strerror}; free space and start again"
            ) from error
