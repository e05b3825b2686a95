"""What a method is: a score, where it is compared, how sparsity is shared out and refined.

Free of torch, so that the workflow reads in milliseconds what a method needs and refuses a
combination that makes no sense before anything runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from fairprune.errors import FairpruneError, unknown
from fairprune.pruning.combinations import comparison_group
from fairprune.pruning.declare import ALLOCATIONS, REFINEMENTS, SCORES
from fairprune.pruning.options import Option, read_options
from fairprune.pruning.presets import PRESETS
from fairprune.pruning.target import read_pattern, read_sparsity


@dataclass(frozen=True)
class Method:
    """A checked combination; made by `resolve`.

    `pattern` is "unstructured" or "N:M". `group` is "row", "layer", "adaptive", "N:M" or
    "block" (SparseGPT's runs of 128 columns). `sparsity` is None where none was given yet.
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
        parts = [SCORES.get(self.score), ALLOCATIONS.get(self.allocation)]
        if self.refinement:
            parts.append(REFINEMENTS.get(self.refinement))
        return frozenset().union(*(part.needs for part in parts))

    @property
    def needs_calibration(self) -> bool:
        """Whether it looks at any text at all."""
        return bool(self.needs & {"activations", "gradients", "hessian", "moments", "search"})

    @property
    def walks(self) -> bool:
        """Whether the calibration samples go through the model block by block."""
        score = SCORES.get(self.score)
        sequential = "activations" in score.needs and score.activations == "sequential"
        return sequential or bool(self.needs & {"hessian", "moments", "search"})

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
        return SCORES.get(self.score).group == "block" and self.refinement is None

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


def names() -> list[str]:
    """Every name that `resolve` knows: scores and presets."""
    return sorted([*SCORES.names(), *PRESETS])


def resolve(
    name: str,
    *,
    sparsity: str | float | Decimal | None = None,
    pattern: str = "unstructured",
    allocation: str | None = None,
    refinement: str | None = None,
    group: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Method:
    """Check a combination and fill in its defaults.

    Args:
        name: a score or a preset; what is given beside a preset replaces the preset's own.
        sparsity: share of the weights to prune, between 0 and 1, taken as the decimal that is
            written; None where it is not known yet, where `pattern` says it, and for `dense`.
        pattern: "unstructured", or "N:M" (also "NofM"): N of M consecutive weights are kept.
        allocation: how sparsity is shared out; default "uniform".
        refinement: how the mask is refined; default none.
        group: where scores are compared: "row", "layer" or "adaptive"; default the score's.
        options: `score.form` and the like → value or its text.

    Raises:
        FairpruneError: an unknown name, a value out of range, or parts that do not go together.
    """
    preset = PRESETS.get(name, {})
    if not preset and name not in SCORES.names():
        raise unknown("method", name, names())
    score = SCORES.get(preset.get("name", name))
    allocation = allocation or preset.get("allocation") or "uniform"
    share = ALLOCATIONS.get(allocation)
    if refinement in (None, "none", ""):
        refinement = None
    pattern, counts = read_pattern(pattern)
    if score.name == "dense":
        return _dense(allocation, refinement, group, pattern, sparsity, options)
    group = group or (None if counts else preset.get("group"))
    group = comparison_group(score, share, refinement, group, pattern)
    known = {f"score.{k}": v for k, v in score.options.items()}
    known |= {f"allocation.{k}": v for k, v in share.options.items()}
    known |= _refinement_options(refinement)
    mine = {k: v for k, v in preset.get("options", {}).items() if k in known}
    return Method(
        name=name,
        score=score.name,
        allocation=allocation,
        refinement=refinement,
        group=group,
        pattern=pattern,
        sparsity=read_sparsity(sparsity, counts),
        options=read_options(mine | dict(options or {}), known),
        repository=bool(preset),
    )


def _refinement_options(refinement: str | None) -> dict[str, Option]:
    if refinement is None:
        return {}
    return {f"refinement.{k}": v for k, v in REFINEMENTS.get(refinement).options.items()}


def _dense(
    allocation: str,
    refinement: str | None,
    group: str | None,
    pattern: str,
    sparsity: Any,
    options: Mapping[str, Any] | None,
) -> Method:
    given = {
        "an allocation": allocation != "uniform",
        "a refinement": refinement,
        "a group": group,
        "a pattern": pattern != "unstructured",
        "options": options,
        "a sparsity": sparsity is not None and str(sparsity) not in ("0", "0.0", "0.00"),
    }
    for what, found in given.items():
        if found:
            raise FairpruneError(f"method dense prunes nothing: {what} beside it makes no sense")
    return Method("dense", "dense", "uniform", None, "row", pattern, Decimal(0), {})
