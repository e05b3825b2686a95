"""The results of a run: which there are, of which variants."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from fairprune.fairness.files import read_evaluation
from fairprune.fairness.results import Evaluation
from fairprune.io.cards import digest_of, verified
from fairprune.io.hashing import sha256_data
from fairprune.io.tables import read_parquet
from fairprune.io.variants import Variant, pool_of


@dataclass(frozen=True)
class Target:
    """One result: its file, the variant it is of, and the task, empty where it has none."""

    path: Path
    variant: Variant
    task: str


@dataclass(frozen=True)
class Results:
    """The results of a run, each list in the order of the variants and tasks.

    Attributes:
        folder: the results folder.
        fairness, quality, language, pruned: one target a file.
        comparisons: the comparisons' Parquet files.
        bias: comparisons of what was got on bias tasks, one a model.
        annotation: what people found who compared variants with the dense model.
    """

    folder: Path
    fairness: list[Target]
    quality: list[Target]
    language: list[Target]
    pruned: list[Target]
    comparisons: list[Path]
    bias: list[Path]
    annotation: list[Path]

    @cached_property
    def evaluations(self) -> dict[Target, Evaluation]:
        """What each fairness target holds, read once."""
        return {target: read_evaluation(target.path).evaluation for target in self.fairness}

    @cached_property
    def compared(self) -> list[dict[str, Any]]:
        """The rows of all comparisons of the variants at hand, each with its task, read once."""
        pools = {replace(v, calibration=pool_of(v.calibration)) for v in self.variants}
        kept = {str(variant) for variant in (*self.variants, *pools)}
        return [
            {**row, "task": path.stem}
            for path in self.comparisons
            for row in read_parquet(verified(path))
            if row["variant"] in kept
        ]

    @cached_property
    def digest(self) -> str:
        """Digest of everything that was found, by what the cards say."""
        targets = (*self.fairness, *self.quality, *self.language, *self.pruned)
        paths = (*(t.path for t in targets), *self.comparisons, *self.bias, *self.annotation)
        places = {p.relative_to(self.folder).as_posix(): p for p in paths}
        return sha256_data({name: digest_of(p, files=False) for name, p in places.items()})

    @property
    def variants(self) -> list[Variant]:
        """Every variant that has any result, the dense model first within a model."""
        found = {t.variant for t in (*self.fairness, *self.quality, *self.language, *self.pruned)}
        return sorted(found, key=order)

    @property
    def places(self) -> list[tuple[str, str]]:
        """Every model and task that something was judged on, in order."""
        judged = (*self.fairness, *self.quality)
        return list(dict.fromkeys((t.variant.model, t.task) for t in judged))

    def only(self, model: str, task: str) -> "Results":
        """The results of one model and task; of its variants also what concerns no task."""
        fairness, quality = (
            [t for t in targets if (t.variant.model, t.task) == (model, task)]
            for targets in (self.fairness, self.quality)
        )
        known = {t.variant for t in (*fairness, *quality)}
        return replace(
            self,
            fairness=fairness,
            quality=quality,
            language=[t for t in self.language if t.variant in known],
            pruned=[t for t in self.pruned if t.variant in known],
            comparisons=[p for p in self.comparisons if (p.parts[-2], p.stem) == (model, task)],
            bias=[p for p in self.bias if p.stem == model],
            annotation=[p for p in self.annotation if p.parts[-3:-1] == (model, task)],
        )

    def summaries(self, target: Target, split: str = "test") -> Path:
        """Where the summaries stand that a fairness target is about."""
        return self.folder / "summaries" / str(target.variant) / target.task / f"{split}.jsonl"

    def task(self, task: str, split: str = "test") -> Path:
        """Where a task's inputs stand."""
        return self.folder / "tasks" / task / f"{split}.parquet"


def order(variant: Variant) -> tuple[Any, ...]:
    """How variants are sorted everywhere: by model, dense first, then by name."""
    return (variant.model, not variant.dense, variant)
