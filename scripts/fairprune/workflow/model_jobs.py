"""What the jobs that fetch models read, and what all jobs have in common."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairprune.config import Configuration
from fairprune.config_models import Compressed, Model
from fairprune.models.local import local_model
from fairprune.present import present


def repeat(option: str, values: Iterable[Any]) -> list[str]:
    """The words of a repeated option."""
    return [word for value in values for word in (option, str(value))]


@dataclass(frozen=True)
class ModelJobs:
    """The jobs that fetch models, compressed ones too; `w` are a job's wildcards."""

    config: Configuration

    def path(self, *parts: str) -> str:
        """A path below the results folder."""
        return "/".join([self.config.results, *parts])

    def torch(self) -> str:
        """Where and in which number type a step computes."""
        return f"--device {self.config.device} --dtype {self.config.dtype}"

    def batch_size(self) -> list[str]:
        """How many texts a model goes on from at once, where the configuration says it."""
        size = self.config.summaries.batch_size
        return ["--batch-size", str(size)] if size else []

    def model_files(self, w: Any) -> list[str]:
        """What a local model is made of, so that its change is seen; nothing for a hub model."""
        asked = self._fetched(w.model)
        if asked.path is None:
            return []
        return local_model(Path(asked.path), getattr(asked, "file", None))

    def model_source(self, w: Any) -> str:
        """Options that name a model."""
        asked = self._fetched(w.model)
        words = ["--model-id", present(asked.path or asked.id)]
        words += ["--revision", asked.revision] if asked.revision else []
        file = getattr(asked, "file", None)
        return shlex.join(words + (["--file", file] if file else []))

    def _fetched(self, name: str) -> Model | Compressed:
        """A model, or a compressed one, as the configuration has it."""
        return self.config.models.get(name) or self.config.compressed[name]
