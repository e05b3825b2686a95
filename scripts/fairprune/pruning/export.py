"""A pruned model as an ordinary Hugging Face folder."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_folder
from fairprune.io.cards import write_card
from fairprune.models.folder import ModelFolder, open_model
from fairprune.models.loading import stored_dtype
from fairprune.pruning.partition import marked_per_row
from fairprune.pruning.variant import PrunedFolder, all_layers, load_variant, open_masks

ALONG = (
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.model",
    "chat_template*",
    "generation_config.json",
)
README = "README.md"
SHARD = "5GB"


def export_model(
    model: Path | ModelFolder,
    pruned: Path | PrunedFolder | None,
    output: Path,
    form: str = "dense",
    describe: Callable[[Mapping[str, Any]], str] | None = None,
) -> Path:
    """Write model and mask as one folder of safetensors, sharded, with the card.

    Args:
        model: the model's folder.
        pruned: what prune_model.py made for it; None: the model as it is.
        output: the folder to write.
        form: "dense", or "2of4", which the weights are then checked to be.
        describe: gives the README.md, from the figures of the card; None: none is written.

    Raises:
        FairpruneError: `pruned` is for another model or no pruned one, or a layer is not 2:4.
    """
    folder = open_model(model)
    variant = open_masks(pruned) if isinstance(pruned, str | Path) else pruned
    dtype = str(stored_dtype(folder.config)).removeprefix("torch.")
    loaded = load_variant(folder, variant, "cpu", dtype)
    layers = all_layers(loaded)
    if form == "2of4":
        for name, layer in layers.items():
            check_2of4(name, layer.weight)
    zeros = sum(int((layer.weight == 0).sum()) for layer in layers.values())
    weights = sum(layer.weight.numel() for layer in layers.values())
    figures = {"weights": weights, "zeros": zeros, "sparsity": zeros / weights}
    with atomic_folder(output, "export_model") as made:
        loaded.save_pretrained(made, max_shard_size=SHARD)
        for pattern in ALONG:
            for file in sorted(folder.path.glob(pattern)):
                shutil.copyfile(file, made / file.name)
        if describe is not None:
            (made / README).write_text(describe(figures), encoding="utf-8")
        write_card(
            made,
            stage="export_model",
            files=[file for file in made.iterdir() if file.is_file()],
            parameters={"format": form, "dtype": dtype},
            inputs={"model": folder.source, "pruned": variant.source if variant else None},
            figures=figures,
        )
    return Path(output)


def check_2of4(name: str, weight: torch.Tensor) -> None:
    """See that each run of 4 consecutive weights of a row holds at least 2 zeros.

    Raises:
        FairpruneError: it names the layer.
    """
    whole = weight.shape[1] % 4 == 0
    if not whole or (marked_per_row(weight.reshape(-1, 4) != 0) > 2).any():
        raise FairpruneError(
            f"{name} is not 2:4 sparse: prune the model with --pattern 2:4, or give --format dense"
        )
