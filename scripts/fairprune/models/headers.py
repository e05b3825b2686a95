"""The headers of safetensors files: which tensors there are, of which type and size.

Read here by their few bytes, since the environment that downloads has no torch.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LONGEST_HEADER = 100_000_000  # bytes, as the library that reads them has it


def read_header(file: Path) -> dict[str, dict[str, Any]]:
    """Tensor name → `dtype`, `shape`, `data_offsets`, of a safetensors file that is whole.

    Raises:
        ValueError: not a safetensors file, or one that ends early.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(size - 8, LONGEST_HEADER):
            raise ValueError("no safetensors header")
        tensors = json.loads(stream.read(length))
    tensors.pop("__metadata__", None)
    end = max((entry["data_offsets"][1] for entry in tensors.values()), default=0)
    if size != 8 + length + end:
        raise ValueError(f"{size} bytes, its header says {8 + length + end}")
    return tensors


def count_parameters(files: Iterable[Path]) -> int:
    """The number of weights stored in safetensors files, from their headers."""
    return sum(math.prod(t["shape"]) for file in files for t in read_header(file).values())


def stored_types(files: Iterable[Path]) -> dict[str, dict[str, int]]:
    """Number type (`F16`, `I8`, …) → `tensors`, and the `bytes` that they take."""
    found: dict[str, dict[str, int]] = {}
    for file in files:
        for entry in read_header(file).values():
            kind = found.setdefault(entry["dtype"], {"tensors": 0, "bytes": 0})
            start, end = entry["data_offsets"]
            kind["tensors"] += 1
            kind["bytes"] += end - start
    return dict(sorted(found.items()))
