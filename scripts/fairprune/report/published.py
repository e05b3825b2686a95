"""Tables of published perplexities: figures, their conditions, tolerances and sources."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from fairprune.config_base import Strict
from fairprune.errors import FairpruneError, shortened
from fairprune.io.cards import verified
from fairprune.io.yaml_files import read_yaml


class Drawn(Strict):
    """How a calibration set was drawn: parameters of its card."""

    samples: int
    length: int
    windows: Literal["joined", "longer"]


class Conditions(Strict):
    """What a figure was measured on: another one cannot be compared."""

    corpus: str
    window: int
    beginning: Literal["every", "first", "none"]
    calibration: Drawn


class Figure(Strict):
    """One perplexity, how far another may be from it, and who reported it."""

    variant: str = Field(pattern=r"^[^/]+(/[^/]+){3}$")
    perplexity: float = Field(gt=0)
    tolerance: float = Field(gt=0)
    source: str


class Published(Strict):
    """A table of published perplexities of one model."""

    model: str
    conditions: Conditions
    figures: list[Figure] = Field(min_length=1)


def read_published(path: Path) -> Published:
    """A stored table.

    Raises:
        FairpruneError: no such file, or the first mistake in it, with its place.
    """
    try:
        return Published.model_validate(read_yaml(verified(path)))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "top level"
        raise FairpruneError(f"{path}, {place}: {shortened(first['msg'])}") from None
