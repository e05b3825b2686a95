"""What a run has found of one variant: its figures, its verdicts, and what they were made with."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.fairness.comparing.rules import DIRECTION
from fairprune.io.cards import card_of
from fairprune.io.variants import POOLED, Variant
from fairprune.pruning.variant import PrunedFolder
from fairprune.report.abilities import language_rows
from fairprune.report.find import find_results
from fairprune.report.instruments import instrument_rows, share_rows
from fairprune.report.judged import fairness_rows, quality_rows
from fairprune.report.results import Results
from fairprune.report.rows import Row, variant_name
from fairprune.report.sentences import sentences


@dataclass(frozen=True)
class Findings:
    """Rows of the tables about one variant and its dense model.

    Attributes:
        variant: the variant.
        language, quality: rows of these tables.
        fairness: rows of the primary results, over all inputs; of draws put together, too.
        said: task → sentences on how fair the dense model is, and what pruning did.
        summaries: task → parameters of the variant's summaries, from their card.
        calibration: the card of the calibration set, if there is one.
    """

    variant: Variant
    language: list[Row]
    quality: list[Row]
    fairness: list[Row]
    said: dict[str, list[str]]
    summaries: dict[str, dict[str, Any]]
    calibration: dict[str, Any] | None


def find(results: Path, pruned: PrunedFolder) -> Findings:
    """What a results folder holds of the variant whose masks these are.

    Raises:
        FairpruneError: the masks are none of that folder's, its figures are of other masks, or
            there are none.
    """
    variant = variant_in(results, pruned)
    found = find_results(results, [str(variant)])
    if not any(t.variant == variant for t in (*found.fairness, *found.quality, *found.language)):
        raise FairpruneError(
            f"{results} holds no figure of {variant}: run the workflow, or leave out --results"
        )
    _check_masks(found, variant, pruned)
    fairness = [row for row in fairness_rows(found) if _is_about(row, variant)]
    tasks = {t.task for t in found.fairness if t.variant == variant}
    said: dict[str, list[str]] = {task: [] for task in sorted(tasks)}
    for row in sentences(fairness, share_rows(found), instrument_rows(found), [], None):
        if row["task"] in said and row["kind"] != "answer":
            said[row["task"]].append(row["text"])
    made = results / "calibration" / variant.model / f"{variant.calibration}.safetensors"
    return Findings(
        variant=variant,
        language=language_rows(found),
        quality=quality_rows(found),
        fairness=_primary(fairness),
        said=said,
        summaries={task: _summaries(found, variant, task) for task in sorted(tasks)},
        calibration=card_of(made, files=False) if variant.calibration != "none" else None,
    )


def variant_in(results: Path, pruned: PrunedFolder) -> Variant:
    """The variant that a pruned folder of a run is named by.

    Raises:
        FairpruneError: it stands elsewhere.
    """
    root, place = (Path(results) / "pruned").resolve(), pruned.source.path.resolve()
    try:
        return Variant.parse(place.relative_to(root).as_posix())
    except ValueError:
        raise FairpruneError(
            f"{pruned.source.path} is no variant of {results}: give --pruned "
            f"{results}/pruned/MODEL/METHOD/CALIBRATION/SPARSITY, or leave out --results"
        ) from None


def _is_about(row: Row, variant: Variant) -> bool:
    """Whether a row is the variant's, its dense model's, or of its draws put together."""
    other = Variant.parse(variant_name(row))
    draws = other.pooled and variant.calibration.startswith(other.calibration.removesuffix(POOLED))
    alike = (other.method, other.sparsity) == (variant.method, variant.sparsity)
    return other.dense or other == variant or (draws and alike)


def _primary(rows: list[Row]) -> list[Row]:
    """Those of the primary metrics over all inputs, the dense model's too."""
    names = ("task", "attribution", "metric", "stratum")
    chosen = {tuple(row[n] for n in names) for row in rows if row.get("primary")}
    kept = {key for key in chosen if "all" in key and DIRECTION not in key}
    return [row for row in rows if tuple(row[n] for n in names) in kept]


def _cards(found: Results, variant: Variant) -> Iterable[tuple[Path, dict[str, Any]]]:
    """The cards of what the variant itself has made: summaries and language figures."""
    files = [t.path for t in found.language if t.variant == variant]
    files += [found.summaries(t) for t in found.fairness if t.variant == variant]
    for file in files:
        if (card := card_of(file, files=False)) is not None:
            yield file, card


def _check_masks(found: Results, variant: Variant, pruned: PrunedFolder) -> None:
    for file, card in _cards(found, variant):
        if card["inputs"].get("pruned", pruned.source.digest) != pruned.source.digest:
            raise FairpruneError(
                f"{file} was made with other masks than {pruned.source.path} holds now: run the "
                "workflow again"
            )


def _summaries(found: Results, variant: Variant, task: str) -> dict[str, Any]:
    target = next(t for t in found.fairness if (t.variant, t.task) == (variant, task))
    card = card_of(found.summaries(target), files=False)
    return dict(card["parameters"]) if card else {}
