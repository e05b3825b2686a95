"""Which results lie in a folder, found by their target paths.

Only files are read that the workflow declares (fairness and quality JSON, comparisons, language
JSON, cards, summaries, tasks); what is missing is left out, since a run may hold any part.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from fairprune.errors import FairpruneError, unknown
from fairprune.fairness.files import read_evaluation
from fairprune.fairness.results import Evaluation
from fairprune.io.cards import card_path, read_card
from fairprune.io.tables import read_json
from fairprune.io.variants import Variant

STAGES = {
    "fairness": "*/*/*/*/*.json",
    "quality": "*/*/*/*/*.json",
    "language": "*/*/*/*.json",
    "pruned": "*/*/*/*/card.json",
    "comparisons": "*/*.parquet",
    "annotation": "*/*/results.json",
}
OF_MODELS = ("comparisons", "annotation")
CARD = ".card.json"
MARGIN = 0.05


@dataclass(frozen=True)
class Target:
    """One result: its file, the variant it is of, and the task where it has one."""

    path: Path
    variant: Variant
    task: str | None


@dataclass(frozen=True)
class Results:
    """The results of a run, each list in the order of the variants and tasks.

    Attributes:
        folder: the results folder.
        fairness, quality, language, pruned: one target a file.
        comparisons: the comparisons' Parquet files.
        annotation: what people found who compared variants with the dense model.
    """

    folder: Path
    fairness: list[Target]
    quality: list[Target]
    language: list[Target]
    pruned: list[Target]
    comparisons: list[Path]
    annotation: list[Path]

    @cached_property
    def evaluations(self) -> dict[Target, Evaluation]:
        """What each fairness target holds, read once."""
        return {target: read_evaluation(target.path).evaluation for target in self.fairness}

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
        found = {
            stage: [t for t in targets if (t.variant.model, t.task) == (model, task)]
            for stage, targets in (("fairness", self.fairness), ("quality", self.quality))
        }
        known = {t.variant for targets in found.values() for t in targets}
        return replace(
            self,
            **found,
            language=[t for t in self.language if t.variant in known],
            pruned=[t for t in self.pruned if t.variant in known],
            comparisons=[p for p in self.comparisons if (p.parts[-2], p.stem) == (model, task)],
            annotation=[p for p in self.annotation if p.parts[-3:-1] == (model, task)],
        )

    def summaries(self, target: Target, split: str = "test") -> Path:
        """Where the summaries stand that a fairness target is about."""
        return self.folder / "summaries" / str(target.variant) / target.task / f"{split}.jsonl"

    def task(self, task: str, split: str = "test") -> Path:
        """Where a task's inputs stand."""
        return self.folder / "tasks" / task / f"{split}.parquet"


def order(variant: Variant) -> tuple:
    """How variants are sorted everywhere: by model, dense first, then by name."""
    return (variant.model, not variant.dense, variant)


def find_results(
    folder: Path, variants: Iterable[str] = (), manifest: Path | None = None
) -> Results:
    """Look through a results folder.

    Args:
        folder: the results folder of a configuration.
        variants: names of variants to keep (their dense models are kept too); none: all.
        manifest: text file of target paths, one a line; only those are taken. None: all there are.

    Raises:
        FairpruneError: no such folder, nothing in it, or a target or variant that is not there.
    """
    if not folder.is_dir():
        raise FairpruneError(f"{folder} is no folder: give the results folder of a run")
    listed = _listed(folder, manifest) if manifest else None
    files = {
        stage: sorted(
            path
            for path in (folder / stage).glob(pattern)
            if (listed is None or path in listed) and not path.name.endswith(CARD)
        )
        for stage, pattern in STAGES.items()
    }
    targets = {
        stage: [_target(folder / stage, path) for path in paths]
        for stage, paths in files.items()
        if stage not in OF_MODELS
    }
    if not (targets["fairness"] or targets["language"] or targets["quality"]):
        raise FairpruneError(f"{folder} holds no evaluated variant: run the workflow first")
    known = {t.variant for found in targets.values() for t in found}
    kept = _kept(known, variants)
    return Results(
        folder=folder,
        **{stage: files[stage] for stage in OF_MODELS},
        **{
            stage: sorted(
                (t for t in found if t.variant in kept),
                key=lambda t: (*order(t.variant), t.task or ""),
            )
            for stage, found in targets.items()
        },
    )


def check(path: Path) -> Path:
    """The path of a result, after comparing it with its card where it has one.

    Raises:
        FairpruneError: the file is not what its card says.
    """
    if card_path(path).is_file():
        read_card(path)
    return path


def margin_of(results: Results) -> float:
    """The margin of `equivalent` that the comparisons were made with, as their cards say."""
    for path in filter(Path.is_file, map(card_path, results.comparisons)):
        margin = read_json(path).get("parameters", {}).get("margin")
        if margin is not None:
            return float(margin)
    return MARGIN


def _target(stage: Path, path: Path) -> Target:
    parts = path.relative_to(stage).parts
    names = parts[:-1] if stage.name == "pruned" else (*parts[:-1], path.stem)
    try:
        variant = Variant.parse("/".join(names[:4]))
    except ValueError:
        raise FairpruneError(
            f"{path} is not where a variant's results stand: "
            f"{stage}/MODEL/METHOD/CALIBRATION/SPARSITY is expected; move it away"
        ) from None
    return Target(path, variant, names[4] if len(names) > 4 else None)


def _listed(folder: Path, manifest: Path) -> set[Path]:
    try:
        lines = [line.strip() for line in manifest.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise FairpruneError(f"--manifest {manifest} cannot be read: {error.strerror}") from None
    root, listed = folder.resolve(), set()
    for line in filter(None, lines):
        path = Path(line).resolve()
        if not path.is_file():
            raise FairpruneError(f"{manifest} lists {line}, which does not exist: make it first")
        if path.is_relative_to(root):
            listed.add(folder / path.relative_to(root))
    return listed


def _kept(known: set[Variant], names: Iterable[str]) -> set[Variant]:
    by_name = {str(variant): variant for variant in known}
    asked = set()
    for name in names:
        if name not in by_name:
            raise unknown("variant", name, by_name)
        asked.add(by_name[name])
    models = {variant.model for variant in asked}
    return asked | {v for v in known if v.dense and v.model in models} if asked else known
