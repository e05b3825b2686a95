"""A model's folder, opened: its configuration, its files, and what tells it from others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError
from fairprune.io.opened import Opened, open_input
from fairprune.models.configuration import check_folder, read_config
from fairprune.models.files import tensor_files
from fairprune.models.identity import tokenizer_digest, weights_digest
from fairprune.models.plausible import check_layers

if TYPE_CHECKING:
    from transformers import PretrainedConfig


@dataclass(frozen=True)
class ModelFolder:
    """The folder of a Hugging Face model, verified once.

    Attributes:
        source: the folder and its card.
        config: its configuration, of a dense, unquantised model.
    """

    source: Opened
    config: PretrainedConfig

    @property
    def path(self) -> Path:
        """Where it stands."""
        return self.source.path

    @cached_property
    def tensors(self) -> dict[str, Path]:
        """Every stored tensor: name → file; see `files.tensor_files`, `plausible.check_layers`."""
        found = tensor_files(self.path)
        check_layers(self.path, self.config, found)
        return found

    @cached_property
    def tokenizer_digest(self) -> str | None:
        """See `identity.tokenizer_digest`."""
        return tokenizer_digest(self.path)

    @cached_property
    def weights_digest(self) -> str:
        """See `identity.weights_digest`."""
        return weights_digest(self.path)

    def check_made_for_it(self, file: Opened, remedy: str) -> None:
        """See that a calibration set or a statistic belongs to it, as far as its card tells.

        Raises:
            FairpruneError: the card names another tokenizer, or other weights.
        """
        for key in ("tokenizer", "weights"):
            named = file.parameters.get(key)
            if named and named != getattr(self, f"{key}_digest"):
                raise FairpruneError(
                    f"{file.path} was made for another model than {self.path} (by its {key}): "
                    f"{remedy}"
                )


def open_model(folder: Path | ModelFolder) -> ModelFolder:
    """A model's folder, verified; one that is open already stays as it is.

    Args:
        folder: of a Hugging Face model.

    Raises:
        FairpruneError: see `configuration`; `cards.verified`.
    """
    if isinstance(folder, ModelFolder):
        return folder
    check_folder(Path(folder))
    source = open_input(folder)
    return ModelFolder(source, read_config(source.path))
