"""Inputs of a step: opened once, verified, and handed down as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fairprune.io.cards import card_of, digest_by


@dataclass(frozen=True)
class Opened:
    """A file or folder that a step was given, as its card says that it is.

    Attributes:
        path: where it stands.
        card: its card; None where it has none.
    """

    path: Path
    card: Mapping[str, Any] | None

    @cached_property
    def digest(self) -> str:
        """See `cards.digest_of`; of what has no card it is computed when first asked for."""
        return digest_by(self.path, self.card)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What it was made with, as its card tells; nothing where it has none."""
        return self.card["parameters"] if self.card else {}


def open_input(path: Path) -> Opened:
    """A file or folder, compared with its card.

    Raises:
        FairpruneError: see `cards.verified`.
    """
    path = Path(path)
    return Opened(path, card_of(path))
