"""What the header of a GGUF file says; read apart, within limits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError, shortened
from fairprune.io.apart import apart
from fairprune.models.packages import need
from fairprune.models.plausible import check_content

PARTS = "split.count"
LONGEST_HEADER = 5_000_000  # bytes of tokens and merges, about


@dataclass(frozen=True)
class GgufHeader:
    """What a GGUF file says of itself.

    Attributes:
        config: its configuration, as transformers understands it.
        stored: number type (`Q4_0`, `F32`, …) → `tensors`, and the `bytes` that they take.
    """

    config: Mapping[str, Any]
    stored: Mapping[str, Mapping[str, int]]


def read_header(file: Path) -> GgufHeader:
    """What a GGUF file says of itself, read in a process of its own.

    Raises:
        FairpruneError: a package is missing; the file is truncated or corrupt, one of several
            parts, of sizes that no model has, or of an architecture that transformers cannot read
            from GGUF files.
    """
    need("gguf", f"{file} is a GGUF file, which")
    found = apart(lambda: _read(file), str(file), **allowance(file))
    if found["parts"] > 1:
        raise FairpruneError(
            f"{file} is one of {found['parts']} parts: put them together (gguf-split --merge of "
            "llama.cpp), and take the whole"
        )
    if not found["stored"]:
        raise FairpruneError(f"{file} holds no weights: download it again")
    check_content(found["config"], file)
    return GgufHeader(found["config"], found["stored"])


def allowance(file: Path) -> dict[str, int]:
    """What reading a GGUF file apart may take beside the usual: a vocabulary is read in Python."""
    size = file.stat().st_size
    return {"size": min(size, LONGEST_HEADER), "mapped": 2 * size}


def _read(file: Path) -> dict[str, Any]:
    from gguf import GGUFReader

    try:
        reader = GGUFReader(file)
    except (ValueError, LookupError, OverflowError) as error:  # it reads past the end, or nonsense
        raise FairpruneError(
            f"{file} is no whole GGUF file ({shortened(error)}): download or copy it again"
        ) from None
    stored: dict[str, dict[str, int]] = {}
    for tensor in reader.tensors:
        kind = stored.setdefault(tensor.tensor_type.name, {"tensors": 0, "bytes": 0})
        kind["tensors"] += 1
        kind["bytes"] += int(tensor.n_bytes)
    parts = reader.get_field(PARTS)
    return {
        "parts": int(parts.contents()) if parts else 1,
        "stored": dict(sorted(stored.items())),
        "config": json.loads(_config(file).to_json_string(use_diff=False)) if stored else {},
    }


def _config(file: Path) -> Any:
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(
            file.parent, gguf_file=file.name, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # transformers raises many kinds
        raise FairpruneError(
            f"{file} cannot be read by transformers: {shortened(error, 300)}; take a file of an "
            "architecture that it can, or the model's folder"
        ) from None
