"""Write a pruned folder: masks, rewritten weights, and the card last."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open

from fairprune.io.atomic import atomic_folder
from fairprune.io.cards import write_card
from fairprune.io.opened import Opened
from fairprune.pruning.checkpoint import Checkpoint
from fairprune.pruning.packed import MASK, WEIGHTS, write_masks

_NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}


def write_pruned(
    output: Path,
    checkpoint: Checkpoint,
    blocks: int,
    parameters: Mapping[str, Any],
    sources: Mapping[str, Opened],
    seed: int | None,
    figures: Mapping[str, Any],
) -> None:
    """Put the finished blocks together.

    Args:
        output: the folder, replaced whole or not at all.
        checkpoint: holds all `blocks`.
        blocks: their number.
        parameters, sources, seed: for the card.
        figures: the allocation's own.
    """
    layers: dict[str, Any] = {}
    bits: dict[str, np.ndarray] = {}
    for index in range(blocks):
        bits |= checkpoint.read_bits(index)
        layers |= checkpoint.read_figures(index)
    shapes = {name: (found["rows"], found["columns"]) for name, found in layers.items()}
    weights, pruned, zero_before = (
        sum(found[key] for found in layers.values()) for key in ("weights", "pruned", "zero_before")
    )
    with atomic_folder(output, "prune_model") as folder:
        write_masks(folder / MASK, bits, shapes)
        files = [folder / MASK]
        if parts := checkpoint.weight_files(blocks):
            write_weights(folder / WEIGHTS, parts)
            files.append(folder / WEIGHTS)
        write_card(
            folder,
            stage="prune_model",
            files=files,
            parameters=parameters,
            inputs=sources,
            seed=seed,
            figures={
                "weights": weights,
                "pruned": pruned,
                "sparsity": pruned / weights,
                "sparsity_before": zero_before / weights,
                **figures,
                "layers": layers,
            },
        )


def write_weights(path: Path, sources: Mapping[str, Path]) -> None:
    """Write tensors from several safetensors files into one, a tensor in memory at a time.

    Args:
        path: the file to write.
        sources: tensor's name → the file that holds it as `weight.LAYER`.
    """
    header: dict[str, Any] = {}
    end = 0
    for name, tensor in _tensors(sources):
        start, end = end, end + tensor.numel() * tensor.element_size()
        shape = list(tensor.shape)
        header[name] = {"dtype": _NAMES[tensor.dtype], "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        for _, tensor in _tensors(sources):
            stream.write(tensor.contiguous().view(torch.uint8).numpy().data)


def _tensors(sources: Mapping[str, Path]) -> Iterator[tuple[str, torch.Tensor]]:
    for name in sorted(sources):
        with safe_open(sources[name], framework="pt") as file:
            yield name, file.get_tensor(f"weight.{name.removesuffix('.weight')}")
