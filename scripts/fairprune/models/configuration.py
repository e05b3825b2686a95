"""The configuration of a model, refused where it is of no model that can be pruned."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairprune.errors import FairpruneError

if TYPE_CHECKING:
    from transformers import PretrainedConfig

EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")


def check_folder(folder: Path) -> None:
    """See that a folder can be a model's.

    Raises:
        FairpruneError: no folder, or no `config.json` in it.
    """
    if not folder.is_dir():
        raise FairpruneError(f"{folder} is no folder: give the folder of a Hugging Face model")
    if not (folder / "config.json").is_file():
        raise FairpruneError(f"{folder} has no config.json: it is not a Hugging Face model folder")


def read_config(folder: Path) -> PretrainedConfig:
    """The configuration of a dense, unquantised model that transformers itself knows.

    Raises:
        FairpruneError: an unreadable `config.json`, a model that is quantised, a mixture of
            experts, or in need of code of its own.
    """
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # transformers raises many kinds for a broken configuration
        raise FairpruneError(
            f"{folder}/config.json cannot be used: {one_line(error)}; models that need code of "
            "their own are not supported"
        ) from None
    text = config.get_text_config(decoder=True)
    if getattr(config, "quantization_config", None) is not None:
        raise FairpruneError(f"{folder} is quantised: take the model's unquantised weights")
    if any((getattr(text, name, None) or 0) > 1 for name in EXPERTS):
        raise FairpruneError(
            f"{folder} is a mixture of experts ({text.model_type}): "
            "only dense decoders can be pruned, choose one"
        )
    return config


def one_line(error: Any) -> str:
    """What an error says, as one line of at most 300 letters."""
    return " ".join(str(error).split())[:300]
