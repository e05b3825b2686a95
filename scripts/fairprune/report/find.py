"""Which results lie in a folder, found by their target paths.

Only files are read that the workflow declares (fairness and quality JSON, comparisons, language
JSON, bias, cards, summaries, tasks); what is missing is left out, since a run may hold any part.
"""

from collections.abc import Iterable
from pathlib import Path

from fairprune.errors import FairpruneError, unknown
from fairprune.io.variants import Variant
from fairprune.report.results import Results, Target, order

STAGES = {
    "fairness": "*/*/*/*/*.json",
    "quality": "*/*/*/*/*.json",
    "language": "*/*/*/*.json",
    "pruned": "*/*/*/*/card.json",
    "comparisons": "*/*.parquet",
    "bias": "*.parquet",
    "annotation": "*/*/results.json",
}
OF_MODELS = ("comparisons", "bias", "annotation")
CARD = ".card.json"


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
    found = {
        stage: sorted(
            (t for t in members if t.variant in kept),
            key=lambda t: (*order(t.variant), t.task),
        )
        for stage, members in targets.items()
    }
    return Results(
        folder=folder,
        fairness=found["fairness"],
        quality=found["quality"],
        language=found["language"],
        pruned=found["pruned"],
        comparisons=files["comparisons"],
        bias=files["bias"],
        annotation=files["annotation"],
    )


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
    return Target(path, variant, names[4] if len(names) > 4 else "")


def _listed(folder: Path, manifest: Path) -> set[Path]:
    try:
        lines = [line.strip() for line in manifest.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        what = getattr(error, "strerror", None) or "it is not text"
        raise FairpruneError(
            f"--manifest {manifest} cannot be read: {what}; the workflow writes it when it starts"
        ) from None
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
