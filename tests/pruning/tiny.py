"""A small model on disk with a calibration set, and ways to look at what was pruned."""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tiny_models import tiny_ids, tiny_model

from fairprune.pruning.masks import Masks


def save_tiny(folder: Path, name: str = "llama2", **changes) -> Path:
    """Write a tiny random model and return its folder."""
    tiny_model(name, **changes).save_pretrained(folder)
    return folder


def save_ids(path: Path, samples: int = 6, tokens: int = 24) -> Path:
    """Write a calibration file and return its path."""
    save_file({"input_ids": tiny_ids(samples, tokens)}, path)
    return path


def all_masks(folder: Path) -> dict[str, torch.Tensor]:
    """Layer → mask of a pruned folder."""
    masks = Masks(folder)
    return {layer: masks[layer] for layer in masks.shapes}


def same_files(one: Path, other: Path) -> bool:
    """Whether two pruned folders hold the same bits, cards aside."""
    names = [{p.name for p in folder.iterdir()} - {"card.json"} for folder in (one, other)]
    if names[0] != names[1]:
        return False
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names[0])


def rewritten(folder: Path) -> dict[str, torch.Tensor]:
    """The weights of a pruned folder."""
    return load_file(folder / "weights.safetensors")
