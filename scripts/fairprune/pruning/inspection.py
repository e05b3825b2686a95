"""A compressed model of somebody's, inspected: a variant like any other, and what it really is."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_folder
from fairprune.io.cards import write_card
from fairprune.models.compressed import CompressedModel, load_compressed, open_compressed
from fairprune.models.download import local_files
from fairprune.models.folder import ModelFolder, open_model
from fairprune.models.loading import load_tokenizer
from fairprune.models.same_tokens import check_same_tokens
from fairprune.models.sources import make_skeleton
from fairprune.models.tokenizers import SAMPLE
from fairprune.pruning.variant import INSPECTED
from fairprune.pruning.zeros import count_zeros

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# What says nothing of how a model is computed.
BESIDE = {
    *("architectures", "dtype", "torch_dtype", "transformers_version", "_name_or_path"),
    *("quantization_config", "use_cache", "initializer_range", "pretraining_tp"),
    *("attention_dropout", "output_attentions", "output_hidden_states"),
}


def inspect_compressed(
    model: Path, compressed: Path, output: Path, device: str = "auto", dtype: str = "auto"
) -> Path:
    """Make a variant's folder of a compressed model: links to its files, and the card.

    Args:
        model: the folder of the model that it was made from.
        compressed: a folder of safetensors, or a GGUF file.
        output: the folder to write.
        device, dtype: as it will be computed.

    Raises:
        FairpruneError: it cannot be loaded (see `models.compressed`), gives other token ids, or
            computes no numbers.
    """
    dense = open_model(model)
    opened = open_compressed(compressed, dense)
    tokenizer = load_tokenizer(dense)
    check_same_tokens(dense.path, opened.folder, opened.gguf)
    network = load_compressed(opened, dense, device, dtype)
    _try(network, tokenizer(SAMPLE, verbose=False)["input_ids"], len(tokenizer), str(compressed))
    figures = _figures(network, opened, dense)
    links = local_files(Path(compressed), Path(output), opened.gguf)
    with atomic_folder(output, INSPECTED, links=True) as folder:
        for name, target in links.items():
            (folder / name).symlink_to(target)
        write_card(
            folder,
            stage=INSPECTED,
            files=[folder / name for name in links],
            parameters={
                "format": opened.form,
                "quantization": _quantisation(opened),
                "tokenizer": dense.tokenizer_digest,
                "device": device,
                "dtype": dtype,
            },
            inputs={"model": dense.source, "compressed": opened.source},
            figures=figures,
        )
    _say(str(compressed), figures)
    return Path(output)


def _say(what: str, figures: Mapping[str, Any]) -> None:
    share, bits = figures["sparsity"], figures["bits_per_weight"]
    said = f"{share:.2%} of the weights of its layers are zeros; {bits:.2f} bits a weight"
    if differing := figures["configuration_differs"]:
        said += f"; configured otherwise than its model: {', '.join(differing)}"
    print(f"note: {what}: {said}", file=sys.stderr)


def _try(network: PreTrainedModel, ids: list[int], tokens: int, what: str) -> None:
    """See that a model knows all tokens, and computes numbers; some unpack their weights by it."""
    known = network.get_input_embeddings().num_embeddings
    if known < tokens:
        raise FairpruneError(f"{what} knows {known} tokens, and the model's tokenizer {tokens}")
    with torch.inference_mode():
        device = network.get_input_embeddings().weight.device
        logits = network(input_ids=torch.tensor([ids], device=device)).logits
    if not torch.isfinite(logits).all():
        raise FairpruneError(f"{what} computes NaN or infinite numbers: copy or download it again")


def _figures(network: nn.Module, opened: CompressedModel, dense: ModelFolder) -> dict[str, Any]:
    skeleton = make_skeleton(_unquantised(opened), torch.float32)
    layers = count_zeros(network, skeleton)
    weights, zeros = (sum(of[key] for of in layers.values()) for key in ("weights", "pruned"))
    parameters = sum(parameter.numel() for parameter in skeleton.parameters())
    stored = sum(kind["bytes"] for kind in opened.stored.values())
    return {
        "weights": weights,
        "pruned": zeros,
        "sparsity": zeros / weights,
        "parameters": parameters,
        "bits_per_weight": 8 * stored / parameters,
        "disk_bytes": sum(file.stat().st_size for file in opened.files),
        "stored": opened.stored,
        "configuration_differs": _differences(_unquantised(opened).to_dict(), dense),
        "layers": layers,
    }


def _quantisation(opened: CompressedModel) -> Any:
    """What the model's own file says of how it was quantised."""
    return opened.config.to_dict().get("quantization_config")


def _unquantised(opened: CompressedModel) -> Any:
    config = type(opened.config).from_dict(opened.config.to_dict())
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    return config


def _differences(found: Mapping[str, Any], dense: ModelFolder) -> dict[str, list[Any]]:
    """What of the computation is configured otherwise than in the model: key → model's, its."""
    ours = dense.config.to_dict()
    keys = sorted(found.keys() & ours.keys() - BESIDE)
    return {
        key: [ours[key], found[key]]
        for key in keys
        if not key.endswith("token_id") and not _same(ours[key], found[key])
    }


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6)  # GGUF files hold 32 bits
    return one == other
