"""Models, tokenizers and configurations from local folders, with errors that name the cause."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairprune.errors import FairpruneError, shortened
from fairprune.models.folder import ModelFolder, open_model
from fairprune.models.reproducible import prefer_same_bits
from fairprune.models.tokenizers import check_tokenizer, read_tokenizer
from fairprune.models.weights import weight_entry

if TYPE_CHECKING:
    import torch
    from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

WEIGHTS = 0.7  # of a GPU's free memory they may take at most, where nothing is put elsewhere


def load_tokenizer(folder: Path | ModelFolder) -> PreTrainedTokenizerBase:
    """The tokenizer that lies in a model's folder, opened or not.

    Args:
        folder: of a Hugging Face model.

    Raises:
        FairpruneError: none there, or one that cannot be read, crashes or does not end.
    """
    path = open_model(folder).path
    check_tokenizer(path)
    return read_tokenizer(path)


def resolve_device(device: str = "auto") -> torch.device:
    """The device that computes: `auto` is the first GPU where there is one, else the CPU.

    Raises:
        FairpruneError: a GPU is asked for and none can be used.
    """
    import torch

    if device != "cpu" and torch.cuda.is_available():
        prefer_same_bits()
        return torch.device("cuda", torch.cuda.current_device())
    if device == "cuda":
        raise FairpruneError("no GPU can be used here: give --device cpu, or auto")
    return torch.device("cpu")


def resolve_dtype(dtype: str, device: torch.device, config: PretrainedConfig) -> torch.dtype:
    """The weights' number type: `auto` is as stored on a GPU, float32 on a CPU."""
    import torch

    if dtype != "auto":
        return getattr(torch, dtype)
    return torch.float32 if device.type == "cpu" else stored_dtype(config)


def stored_dtype(config: PretrainedConfig) -> torch.dtype:
    """The number type that a folder keeps its weights in, by its configuration."""
    import torch

    stored = config.get_text_config(decoder=True).dtype or config.dtype or torch.float32
    return getattr(torch, stored) if isinstance(stored, str) else stored


def load_model(
    folder: Path | ModelFolder,
    device: str = "auto",
    dtype: str = "auto",
    change: Callable[[PreTrainedModel], PreTrainedModel] | None = None,
) -> PreTrainedModel:
    """A causal language model ready to be run: whole, evaluating, without gradients.

    Args:
        folder: a Hugging Face model folder with safetensors weights, opened or not.
        device: `auto` (GPUs there are, what does not fit on the host, by accelerate's device
            map; without a GPU the CPU), `cpu` or `cuda`.
        dtype: `auto`, `float32`, `bfloat16` or `float16`; see `resolve_dtype`.
        change: what is done to the model before it is spread over GPUs, as pruning it.

    Raises:
        FairpruneError: what is wrong with the folder or its weights, in one line.
    """
    opened = open_model(folder)
    config = copy.deepcopy(opened.config)
    config.transformers_weights = weight_entry({*opened.tensors.values()})
    return load_weights(opened.path, config, config, device, dtype, change)


def load_weights(
    folder: Path,
    config: PretrainedConfig,
    like: PretrainedConfig,
    device: str,
    dtype: str,
    change: Callable[[PreTrainedModel], PreTrainedModel] | None = None,
    **how: Any,
) -> PreTrainedModel:
    """The model of a folder and configuration; see `load_model`.

    Args:
        folder: it holds the weights.
        config: as it is to be computed; it is of no use afterwards.
        like: the configuration that says in what number type weights are kept.
        device, dtype, change: see `load_model`.
        how: further arguments of transformers' `from_pretrained`.
    """
    import torch
    from transformers import AutoModelForCausalLM

    from fairprune.models.layout import refuse_further

    target = resolve_device(device)
    number = resolve_dtype(dtype, target, like)
    spread = device == "auto" and target.type == "cuda"
    if spread and change is not None:
        spread = not _fits(folder, stored_dtype(like), number)
    # What is put off the GPUs cannot be changed any more: a changed model is spread afterwards.
    whole = {"": "cpu" if spread else target}
    try:
        model, report = AutoModelForCausalLM.from_pretrained(
            folder,
            config=config,
            dtype=number,
            device_map="auto" if spread and change is None else whole,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
            **how,
        )
    except Exception as error:  # as above: many kinds
        raise FairpruneError(f"{folder} cannot be loaded: {shortened(error, 300)}") from error
    if missing := sorted(report["missing_keys"]):
        raise FairpruneError(
            f"{folder} has no weights for {missing[0]}"
            + (f" and {len(missing) - 1} more" if missing[1:] else "")
            + ": copy the model's folder again"
        )
    if unexpected := report["unexpected_keys"]:
        refuse_further(model, unexpected)
    check_all_finite({n: p for n, p in model.named_parameters() if _is_plain(p)})
    if hasattr(model.config, "transformers_weights"):
        del model.config.transformers_weights  # of use for this alone, and it would be saved
    model.requires_grad_(False).eval()
    if change is not None:
        with torch.no_grad():
            model = change(model)
        if spread:
            model = _spread(model)
    return model


def _is_plain(parameter: torch.Tensor) -> bool:
    """Whether a parameter holds numbers as they are, here: not packed, not put elsewhere."""
    import torch

    ordinary = type(parameter) is torch.nn.Parameter and not parameter.is_meta
    return ordinary and parameter.is_floating_point() and parameter.element_size() > 1


def _fits(folder: Path, stored: torch.dtype, dtype: torch.dtype) -> bool:
    """Whether one GPU holds the weights, and has room left to compute with them."""
    import torch

    kept = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    return kept / stored.itemsize * dtype.itemsize < WEIGHTS * torch.cuda.mem_get_info()[0]


def _spread(model: PreTrainedModel) -> PreTrainedModel:
    from accelerate import dispatch_model, infer_auto_device_map
    from accelerate.utils import get_balanced_memory

    whole = list(model._no_split_modules or [])
    memory = get_balanced_memory(model, no_split_module_classes=whole)
    return dispatch_model(model, infer_auto_device_map(model, memory, whole))


def check_all_finite(tensors: Mapping[str, torch.Tensor]) -> None:
    """Refuse NaN and infinite weights.

    Raises:
        FairpruneError: it names the first tensor that holds one.
    """
    import torch

    ends = {name: torch.stack(torch.aminmax(t)) for name, t in tensors.items() if t.numel()}
    finite = torch.stack([torch.isfinite(end).all().cpu() for end in ends.values()])
    for name, good in zip(ends, finite.tolist(), strict=True):
        if not good:
            raise FairpruneError(
                f"{name} holds NaN or infinite weights: copy the model's folder again"
            )
