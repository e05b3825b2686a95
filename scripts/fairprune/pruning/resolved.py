"""What a method is: a score, where it is compared, how sparsity is shared out and refined."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from fairprune.errors import FairpruneError
from fairprune.present import present
from fairprune.pruning.declare import ALLOCATIONS, REFINEMENTS, SCORES
from fairprune.pruning.scores._options import OF_GRADIENTS

WALKED = {"gram", "hidden", "moments", "search"}  # what is seen only on a walk through the model


@dataclass(frozen=True)
class Method:
    """A checked combination; made by `method.resolve`.

    `pattern` is "unstructured" or "N:M". `group` is "row", "layer", "adaptive", "N:M", "block"
    (runs of 128 columns), or "blocks" (whole blocks of the model). `sparsity` is None where none
    was given yet.
    """

    name: str
    score: str
    allocation: str
    refinement: str | None
    group: str
    pattern: str
    sparsity: Decimal | None
    options: Mapping[str, Any] = field(hash=False)
    repository: bool = False

    @property
    def needs(self) -> frozenset[str]:
        """Every kind of statistics that its parts need."""
        refined = REFINEMENTS.get(self.refinement).needs if self.refinement else frozenset()
        return SCORES.get(self.score).needs | ALLOCATIONS.get(self.allocation).needs | refined

    @property
    def needs_calibration(self) -> bool:
        """Whether it looks at any text at all."""
        return bool(self.needs & (WALKED | {"activations", "gradients"}))

    @property
    def walks(self) -> bool:
        """Whether the calibration samples go through the model block by block."""
        score = SCORES.get(self.score)
        sequential = "activations" in score.needs and score.activations == "sequential"
        return sequential or bool(self.needs & WALKED)

    @property
    def dense_activations(self) -> bool:
        """Whether it uses activation norms of the unpruned model."""
        score = SCORES.get(self.score)
        own = "activations" in score.needs and score.activations == "dense"
        return own or "activations" in ALLOCATIONS.get(self.allocation).needs

    @property
    def gradient_loss(self) -> Literal["full", "last_token"] | None:
        """The loss of the gradients that it uses."""
        return self.options.get("score.loss")

    @property
    def gradient_norms(self) -> frozenset[str]:
        """The tensors of a gradients file that it reads: "l1" or "l2"."""
        norm = self.options.get("score.gradient_norm")
        return frozenset() if norm is None else frozenset({"l1" if norm == "l1" else "l2"})

    @property
    def rewrites_weights(self) -> bool:
        """Whether kept weights change too, so that the result holds weights beside the mask."""
        return SCORES.get(self.score).solve is not None and self.refinement is None

    @property
    def removes_blocks(self) -> bool:
        """Whether whole blocks of the model go, and no single weights."""
        return self.group == "blocks"

    def blocks_removed(self, blocks: int) -> int:
        """How many of so many blocks go, where whole blocks do: `floor(p · blocks)`.

        Raises:
            FairpruneError: none would.
        """
        number = math.floor(Fraction(present(self.sparsity)) * blocks)
        if not number:
            raise FairpruneError(
                f"method {self.name} at sparsity {self.sparsity}: of {blocks} blocks none would "
                f"go; give at least {1 / blocks:.4f}, one block"
            )
        return number

    @property
    def base(self) -> "Method":
        """The score alone, in rows, or in a solver's own group: what a search prunes with."""
        own = {k: v for k, v in self.options.items() if k.startswith("score.")}
        group = SCORES.get(self.score).group if SCORES.get(self.score).solve else self.group
        return replace(self, refinement=None, group=group, options=own)

    @property
    def seeded(self) -> bool:
        """Whether chance decides the mask."""
        return "seed" in self.needs

    @property
    def caution(self) -> str | None:
        """What is known to go wrong with it, if anything, in a few words."""
        return SCORES.get(self.score).caution(self.part("score"))

    @property
    def files(self) -> list[Path]:
        """The files of its parts, for code digests."""
        found = [SCORES.file(self.score), ALLOCATIONS.file(self.allocation)]
        return found + ([REFINEMENTS.file(self.refinement)] if self.refinement else [])

    def part(self, part: str) -> dict[str, Any]:
        """The options of one part ("score", "allocation", "refinement") without its prefix."""
        prefix = part + "."
        return {k.removeprefix(prefix): v for k, v in self.options.items() if k.startswith(prefix)}

    @property
    def score_options(self) -> dict[str, Any]:
        """The options that the score's functions take: not those that say which gradients."""
        return {k: v for k, v in self.part("score").items() if k not in OF_GRADIENTS}

    def parameters(self) -> dict[str, Any]:
        """Everything that decides the result, JSON-like, for cards."""
        return {
            "method": self.name,
            "score": self.score,
            "allocation": self.allocation,
            "refinement": self.refinement,
            "group": self.group,
            "pattern": self.pattern,
            "sparsity": None if self.sparsity is None else float(self.sparsity),
            "options": dict(self.options),
        }
