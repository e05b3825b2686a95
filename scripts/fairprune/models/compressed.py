"""Other people's compressed models: quantised, pruned or smaller ones of a model, as they are.

A folder of safetensors, or a GGUF file. Nothing of them is run: no code of theirs, no pickles.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairprune.errors import FairpruneError
from fairprune.io.opened import Opened, open_input
from fairprune.models.configuration import check_folder, read_config
from fairprune.models.context import context_length
from fairprune.models.files import tensor_files
from fairprune.models.folder import ModelFolder
from fairprune.models.gguf import read_header
from fairprune.models.gguf_files import GGUF, only_gguf
from fairprune.models.headers import stored_types
from fairprune.models.loading import load_weights
from fairprune.models.packages import need_reader
from fairprune.models.plausible import check_layers
from fairprune.models.weights import weight_entry

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

PLAIN = "safetensors"  # the format of a folder that is not quantised
SHAPE = (
    *("hidden_size", "intermediate_size", "num_hidden_layers"),
    *("num_attention_heads", "num_key_value_heads"),
)


@dataclass(frozen=True)
class CompressedModel:
    """A compressed model, opened and verified once.

    Attributes:
        source: the folder or GGUF file, and its card.
        config: the configuration that it is computed by.
        form: `gguf`, the method of quantisation that config.json names, or `safetensors`.
        stored: number type → `tensors`, and the `bytes` that they take.
        files: what holds its weights.
    """

    source: Opened
    config: PretrainedConfig
    form: str
    stored: Mapping[str, Mapping[str, int]]
    files: tuple[Path, ...]

    @property
    def folder(self) -> Path:
        """The folder that holds it."""
        return self.files[0].parent

    @property
    def gguf(self) -> str | None:
        """The name of its GGUF file, if it is one."""
        return self.files[0].name if self.form == "gguf" else None


def open_compressed(path: Path, dense: ModelFolder) -> CompressedModel:
    """A compressed model of a model that is opened.

    Args:
        path: a folder, or a GGUF file.
        dense: the model that it was made from.

    Raises:
        FairpruneError: neither; see `configuration`, `weights`, `gguf` and `packages`; of another
            shape than the model, where that cannot be, or with a shorter context.
    """
    path = Path(path)
    if not path.is_dir() and not (path.is_file() and path.name.endswith(GGUF)):
        raise FairpruneError(f"{path} is neither a folder nor a GGUF file: give one of both")
    source = open_input(path)
    folder = path if path.is_dir() else path.parent
    names = [file.name for file in folder.iterdir()]
    gguf = only_gguf(names, str(path), None if path.is_dir() else path.name)
    found = _open_gguf(source, folder / gguf, dense) if gguf else _open_folder(source, folder)
    ours, its = context_length(dense.config), context_length(found.config)
    if its is not None and (ours is None or its < ours):
        raise FairpruneError(
            f"{path} sees {its} tokens at most, and {dense.path} {ours or 'any number'}: they "
            "would not read the same inputs"
        )
    return found


def load_compressed(
    opened: CompressedModel, dense: ModelFolder, device: str = "auto", dtype: str = "auto"
) -> PreTrainedModel:
    """The compressed model, ready to be run; it ends where the model that it was made from does.

    Args:
        opened: see `open_compressed`.
        dense: the model that it was made from, which also says in what number type is computed.
        device, dtype: see `loading.load_model`.

    Raises:
        FairpruneError: see `loading.load_model`.
    """
    from transformers import GenerationConfig
    from transformers.utils.quantization_config import GgufConfig

    config = copy.deepcopy(opened.config)
    how: dict[str, Any] = {}
    if opened.gguf:  # unpacked: kernels for packed weights are code from the hub
        how = {"gguf_file": opened.gguf, "quantization_config": GgufConfig(dequantize=True)}
    else:
        config.transformers_weights = weight_entry(opened.files)
    model = load_weights(opened.folder, config, dense.config, device, dtype, **how)
    try:
        ends = GenerationConfig.from_pretrained(dense.path, local_files_only=True)
    except OSError:  # it has none of its own
        ends = GenerationConfig.from_model_config(dense.config)
    model.generation_config = ends
    return model


def _open_folder(source: Opened, folder: Path) -> CompressedModel:
    check_folder(folder)
    config = read_config(folder, quantised=True)
    asked = getattr(config, "quantization_config", None)
    form = _method(asked if isinstance(asked, Mapping) else vars(asked)) if asked else PLAIN
    if asked:
        need_reader(form, str(folder))
    tensors = tensor_files(folder)
    check_layers(folder, config, tensors)
    files = tuple(sorted({*tensors.values()}))
    return CompressedModel(source, config, form, stored_types(files), files)


def _method(asked: Mapping[str, Any]) -> str:
    """The method of quantisation; files of bitsandbytes' first years do not name theirs."""
    said = asked.get("quant_method")
    old = asked.get("load_in_4bit") or asked.get("load_in_8bit")
    return str(getattr(said, "value", said) or ("bitsandbytes" if old else "unnamed"))


def _open_gguf(source: Opened, file: Path, dense: ModelFolder) -> CompressedModel:
    """A GGUF file, computed as the model says where both are of one architecture.

    Not all that decides the computation stands in a GGUF file: scaled rotary embeddings, for one,
    are lost on the way.
    """
    header = read_header(file)
    ours, its = dense.config.get_text_config(decoder=True), header.config
    for name in SHAPE:
        if name in its and its[name] != getattr(ours, name, its[name]):
            raise FairpruneError(
                f"{file} is of another model than {dense.path}: {name} {its[name]}, and "
                f"{getattr(ours, name)} there"
            )
    if its["model_type"] == ours.model_type:
        config = copy.deepcopy(ours)
        config.tie_word_embeddings = its["tie_word_embeddings"]
        config.vocab_size = its["vocab_size"]
    else:
        from transformers import AutoConfig

        config = AutoConfig.for_model(**its)
    return CompressedModel(source, config, "gguf", header.stored, (file,))
