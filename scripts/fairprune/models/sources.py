"""Where a model's weights stand in its files, and the model without them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from fairprune.errors import FairpruneError, shortened
from fairprune.models.layout import refuse_further

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

Source = tuple[Path, str]
"""A safetensors file and the key in it."""


def make_skeleton(config: PretrainedConfig, dtype: torch.dtype) -> PreTrainedModel:
    """The model of a configuration with its buffers, but no weights (they are on `meta`).

    Raises:
        FairpruneError: the configuration makes no model.
    """
    from accelerate import init_empty_weights
    from transformers import AutoModelForCausalLM
    from transformers.initialization import no_init_weights

    config = copy.deepcopy(config)  # the model writes its number type into it
    try:
        with init_empty_weights(include_buffers=False), no_init_weights():
            model = AutoModelForCausalLM.from_config(config, dtype=dtype, trust_remote_code=False)
        model.tie_weights()
    except Exception as error:  # a configuration that makes no sense fails anywhere
        raise FairpruneError(
            f"{config.name_or_path}/config.json makes no model ({type(error).__name__}: "
            f"{shortened(error, 300)}): copy the model's folder again"
        ) from error
    return model.requires_grad_(False).eval()


def find_sources(model: PreTrainedModel, files: dict[str, Path]) -> dict[str, Source] | None:
    """Where each parameter and stored buffer of a model stands: name → (file, key).

    Returns:
        None if one of them, or of the weights that it is tied to, stands nowhere as it is.

    Raises:
        FairpruneError: the files hold more blocks than the model has, or further biases.
    """
    keys = _renamed(model, files)
    refuse_further(model, keys)
    tied: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        tied.setdefault(id(parameter), []).append(name)
    sources: dict[str, Source] = {}
    for names in tied.values():
        key = next((keys[name] for name in names if name in keys), None)
        if key is None:
            return None
        sources.update(dict.fromkeys(names, (files[key], key)))
    stored = [name for name, _ in model.named_buffers() if name in keys]
    return sources | {name: (files[keys[name]], keys[name]) for name in stored}


def _renamed(model: PreTrainedModel, files: dict[str, Path]) -> dict[str, str]:
    """Model's name → stored key, under the renamings that transformers does as it loads.

    Weights that it would have to split or put together are left out.
    """
    from transformers.conversion_mapping import get_model_conversion_mapping
    from transformers.core_model_loading import WeightRenaming, rename_source_key

    transforms = get_model_conversion_mapping(model)
    renamings = [t for t in transforms if isinstance(t, WeightRenaming)]
    converters = [t for t in transforms if not isinstance(t, WeightRenaming)]
    names = model.state_dict()
    found = {}
    for key in files:
        name, converted = rename_source_key(
            key, renamings, converters, model.base_model_prefix, names
        )
        if converted is None:
            found[name] = key
    return found
