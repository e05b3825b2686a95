"""What a method is: a score, where it is compared, how sparsity is shared out and refined.

Free of torch, so that the workflow reads in milliseconds what a method needs and refuses a
combination that makes no sense before anything runs.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal

from fairprune.errors import FairpruneError, unknown
from fairprune.pruning.declare import ALLOCATIONS, REFINEMENTS, SCORES, Allocation, Score
from fairprune.pruning.options import Option, read_options
from fairprune.pruning.presets import PRESETS

GROUPS = ("row", "layer", "adaptive")


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
    pattern, counts = _pattern(pattern)
    if score.name == "dense":
        return _dense(allocation, refinement, group, pattern, sparsity, options)
    group = group or (None if counts else preset.get("group"))
    group = _group(score, share, refinement, group, pattern)
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
        sparsity=_sparsity(sparsity, counts),
        options=read_options(mine | dict(options or {}), known),
        repository=bool(preset),
    )


def _refinement_options(refinement: str | None) -> dict[str, Option]:
    if refinement is None:
        return {}
    return {f"refinement.{k}": v for k, v in REFINEMENTS.get(refinement).options.items()}


def _pattern(text: str) -> tuple[str, tuple[int, int] | None]:
    """The pattern as "N:M" and its numbers."""
    if text == "unstructured":
        return text, None
    match = re.fullmatch(r"(\d{1,3})(?::|of)(\d{1,3})", text)
    if not match:
        raise FairpruneError(
            f"pattern {text!r}: give unstructured, or N:M (2:4 keeps 2 of 4 consecutive weights)"
        )
    kept, run = int(match[1]), int(match[2])
    if not 0 < kept < run:
        raise FairpruneError(f"pattern {text}: N of M are kept, so 0 < N < M is needed")
    return f"{kept}:{run}", (kept, run)


def _sparsity(value: Any, counts: tuple[int, int] | None) -> Decimal | None:
    if value is None:
        return None if counts is None else 1 - Decimal(counts[0]) / Decimal(counts[1])
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise FairpruneError(f"sparsity {value!r} is not a number") from None
    if not found.is_finite() or not 0 < found < 1:
        raise FairpruneError(
            f"sparsity {value}: give a share between 0 and 1 (0.5 prunes half of the weights)"
        )
    if counts is None:
        return found
    own = 1 - Decimal(counts[0]) / Decimal(counts[1])
    if abs(own - found) > Decimal("1e-9"):
        raise FairpruneError(
            f"sparsity {value} beside pattern {counts[0]}:{counts[1]}: the pattern sets the "
            f"sparsity by itself ({float(own):g}); leave the other out"
        )
    return own


def _group(
    score: Score, share: Allocation, refinement: str | None, group: str | None, pattern: str
) -> str:
    """The comparison group, after refusing what does not go together."""
    solved = score.group == "block"
    searched = "search" in share.needs
    if share.rows and solved:
        raise FairpruneError(
            f"allocation {share.name} with {score.name}: its row step needs every row's own "
            "count, but SparseGPT selects over blocks of 128 columns; take neuroal-block"
        )
    if pattern != "unstructured":
        return _fixed_pattern(share, refinement, group, pattern)
    if solved and refinement is None:
        if group not in (None, "block", "128-column block"):
            raise FairpruneError(
                f"group {group} with {score.name}: it selects over blocks of 128 columns; "
                "leave the group out"
            )
        return "block"
    if group is None:
        group = "row" if searched or refinement or solved else score.group
    if group not in GROUPS:
        raise unknown("group", group, GROUPS)
    if refinement and group != "row":
        raise FairpruneError(
            f"refinement {refinement} with group {group}: it exchanges weights inside rows and "
            "needs a row mask to start from; take group row"
        )
    if searched and group != "row":
        raise FairpruneError(
            f"allocation {share.name} with group {group}: NeuroAL judges and allocates rows; "
            "take group row"
        )
    return group


def _fixed_pattern(
    share: Allocation, refinement: str | None, group: str | None, pattern: str
) -> str:
    if share.name != "uniform":
        raise FairpruneError(
            f"allocation {share.name} with pattern {pattern}: the pattern fixes every layer's "
            "sparsity, nothing is left to allocate"
        )
    if refinement:
        raise FairpruneError(
            f"refinement {refinement} with pattern {pattern}: it exchanges weights anywhere in "
            "a row and would break the pattern"
        )
    if group not in (None, "N:M"):
        raise FairpruneError(
            f"group {group} with pattern {pattern}: the pattern is compared in its own runs of "
            f"{pattern.split(':')[1]} weights; leave the group out"
        )
    return "N:M"


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
