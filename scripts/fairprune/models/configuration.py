"""A model's own configuration: read without running anything of it, and made usual."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError, shortened
from fairprune.models.plausible import check_sizes

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


def read_config(folder: Path, *, quantised: bool = False) -> PretrainedConfig:
    """The configuration of a dense model that transformers itself knows.

    Args:
        folder: the model's.
        quantised: whether it may be a quantised one.

    Raises:
        FairpruneError: an unreadable `config.json`, a model that is quantised, a mixture of
            experts, of other weights than its own, or in need of code of its own.
    """
    from transformers import AutoConfig

    check_sizes(folder)
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # transformers raises many kinds for a broken configuration
        raise FairpruneError(
            f"{folder}/config.json cannot be used: {shortened(error, 300)}; models that need code "
            "of their own are not supported"
        ) from None
    text = config.get_text_config(decoder=True)
    if (folder / "adapter_config.json").is_file() or hasattr(config, "transformers_weights"):
        raise FairpruneError(
            f"{folder} has other weights put on top (adapter_config.json) or in the place of its "
            "own (transformers_weights in config.json): merge them into one model, and take that"
        )
    _make_usual(config, text)
    if not quantised and getattr(config, "quantization_config", None) is not None:
        raise FairpruneError(
            f"{folder} is quantised: take the model's unquantised weights, and name this one under "
            "`compressed` to have it judged beside them"
        )
    if any((getattr(text, name, None) or 0) > 1 for name in EXPERTS):
        raise FairpruneError(
            f"{folder} is a mixture of experts ({text.model_type}): "
            "only dense decoders can be pruned, choose one"
        )
    return config


def _make_usual(config: PretrainedConfig, text: PretrainedConfig) -> None:
    """Undo what a model's own file may say of how it is computed, and a pad token it has not."""
    for part in (config, text):
        part.output_attentions = part.output_hidden_states = False
        part._attn_implementation = None
        pad = getattr(part, "pad_token_id", None)
        if pad is not None and not (isinstance(pad, int) and 0 <= pad < text.vocab_size):
            part.pad_token_id = None
