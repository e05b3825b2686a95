"""The fairness files of one set of summaries: figures as JSON, shares as Parquet beside it."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from fairprune.errors import FairpruneError
from fairprune.fairness.results import Evaluation, Figure, GroupShare, Input, Share
from fairprune.fairness.settings import read_settings
from fairprune.fairness.strata import BALANCED, stratum_names
from fairprune.io.opened import Opened, open_input
from fairprune.io.tables import read_json, read_parquet, write_json, write_parquet

COLUMNS = [
    *((name, pa.string()) for name in ("id", "mix", "attribution", "group")),
    *((name, pa.float64()) for name in ("p", "q")),
    ("valid", pa.bool_()),
]
SAMPLE = ("sample", pa.int32())
CHANCE = "chance_"  # begins the name of the column of a metric's chance


@dataclass(frozen=True)
class FairnessFile:
    """An evaluation as it was read, with the names of its variant and task."""

    path: Path
    source: Opened
    variant: str
    task: str
    evaluation: Evaluation


def write_evaluation(path: Path, evaluation: Evaluation, variant: str, task: str) -> list[Path]:
    """Write `path` (JSON) and the Parquet beside it; both paths.

    The JSON holds `variant`, `task`, `groups`, `metrics` (the figures) and what a later reader
    needs to compute them again: `settings`, `inputs` (stratum and unit of resampling of each),
    `counts`, `attributions` (figures about them: validity, sensitivity, a classifier's accuracy),
    `texts` (digests of the summaries), and per opinion `coverage` and `labels` where an attribution
    has coverage, and per sentence `sentences`, the share of each group, where it knows sentences.
    `shares`: how much of the opinions and of the summaries is each group's. The Parquet holds p and
    q, and `chance_METRIC` for each metric that has a chance; with several samples an input,
    `sample`.
    """
    table = path.with_suffix(".parquet")
    write_parquet(table, list(map(_flat, evaluation.shares)), _schema(evaluation))
    content: dict[str, Any] = {
        "variant": variant,
        "task": task,
        "groups": list(evaluation.groups),
        "metrics": [asdict(figure) for figure in evaluation.figures],
        "settings": evaluation.settings,
        "counts": evaluation.counts,
        "attributions": evaluation.attributions,
        "shares": [asdict(share) for share in evaluation.group_shares],
        "texts": evaluation.texts,
        "inputs": [asdict(entry) for entry in evaluation.inputs],
    }
    if evaluation.coverage:
        content |= {
            "labels": [list(labels) for labels in evaluation.labels],
            "coverage": evaluation.coverage,
        }
    if evaluation.sentences:
        content["sentences"] = evaluation.sentences
    write_json(path, content)
    return [path, table]


def _schema(evaluation: Evaluation) -> pa.Schema:
    """The columns of the shares: the known ones, and the chance of every metric that has one."""
    metrics = sorted({metric for share in evaluation.shares for metric in share.chance})
    known = [*COLUMNS, *([SAMPLE] if evaluation.samples > 1 else [])]
    return pa.schema([*known, *((CHANCE + metric, pa.float64()) for metric in metrics)])


def _flat(share: Share) -> dict[str, Any]:
    row = asdict(share)
    return row | {CHANCE + metric: value for metric, value in row.pop("chance").items()}


def _share(row: dict[str, Any]) -> Share:
    known = {name: row[name] for name, _ in COLUMNS}
    chance = {
        name.removeprefix(CHANCE): value
        for name, value in row.items()
        if name.startswith(CHANCE) and value is not None
    }
    return Share(**known, chance=chance, sample=row.get("sample") or 0)


def read_evaluation(path: Path) -> FairnessFile:
    """Read what `write_evaluation` wrote, from either of its two files.

    Raises:
        FairpruneError: a file is missing, has changed since its card, or is no such file.
    """
    path = Path(path)
    json_path, table = path.with_suffix(".json"), path.with_suffix(".parquet")
    source = open_input(json_path)
    content = read_json(source.path)
    try:
        return _parsed(path, source, content, read_parquet(table))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise FairpruneError(
            f"{path} is no result of evaluate_fairness.py ({type(error).__name__}: {error}); "
            "run that step again"
        ) from None


def _parsed(
    path: Path, source: Opened, content: dict[str, Any], rows: list[dict[str, Any]]
) -> FairnessFile:
    shares = list(map(_share, rows))
    groups = tuple(content["groups"])
    known = content if "inputs" in content else _plain(shares, groups)
    evaluation = Evaluation(
        groups=groups,
        figures=[Figure(**figure) for figure in content["metrics"]],
        shares=shares,
        inputs=[Input(**entry) for entry in known["inputs"]],
        settings=known["settings"],
        counts=known["counts"],
        attributions=known["attributions"],
        group_shares=[GroupShare(**share) for share in known.get("shares", [])],
        texts=known.get("texts", []),
        coverage=known.get("coverage", {}),
        sentences=known.get("sentences", {}),
        labels=known.get("labels", []),
    )
    _check(evaluation)
    return FairnessFile(path, source, content["variant"], content["task"], evaluation)


def _check(evaluation: Evaluation) -> None:
    """Raise a ValueError where a file that somebody wrote by hand does not hold together."""
    groups = evaluation.groups
    fits = {
        "groups": all(isinstance(group, str) for group in groups),
        "a pair": set(evaluation.settings["pair"] or ()) <= set(groups),
        "shares of groups": {share.group for share in evaluation.shares} <= set(groups),
        "attributions": isinstance(evaluation.attributions, dict),
        "inputs": all(
            isinstance(entry.id, str)
            and isinstance(entry.stratum, str | None)
            and isinstance(entry.unit, int)
            for entry in evaluation.inputs
        ),
    }
    for what, fit in fits.items():
        if not fit:
            raise ValueError(f"{what} that are none")


def _plain(shares: list[Share], groups: tuple[str, ...]) -> dict[str, Any]:
    """What a file by another tool, with the columns alone, leaves open: the defaults.

    The stratum is the mix where it names one, else balanced; each input is a unit by itself.
    """
    attributions = dict.fromkeys(share.attribution for share in shares)
    named = stratum_names(groups)
    present: dict[str, set[str]] = {}
    strata: dict[str, str | None] = {}
    for share in shares:
        present.setdefault(share.id, set()).add(share.group)
        several = len(present[share.id]) > 1
        mix = share.mix if share.mix in named else BALANCED
        strata[share.id] = mix if several else None
    return {
        "inputs": [
            {"id": name, "stratum": mix, "unit": unit}
            for unit, (name, mix) in enumerate(strata.items())
        ],
        "settings": {
            "pair": sorted(groups) if len(groups) == 2 else None,
            "ignore": [],
            "options": read_settings(list(attributions), {}).chosen(),
            "language": None,
            "samples": 1 + max((share.sample for share in shares), default=0),
        },
        "counts": {},
        "attributions": {name: {} for name in attributions},
    }
