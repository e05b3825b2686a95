"""The step behind `evaluate_fairness.py`: files in, files out."""

import sys
from collections.abc import Sequence
from pathlib import Path

from fairprune.data.tasks import open_task
from fairprune.errors import FairpruneError
from fairprune.fairness.evaluation import evaluate
from fairprune.fairness.files import write_evaluation
from fairprune.io.cards import card_path, write_card
from fairprune.io.opened import open_input
from fairprune.io.tables import read_rows
from fairprune.io.variants import name_in
from fairprune.pruning.options import split_options


def evaluate_fairness(
    summaries: Path,
    task: Path,
    output: Path,
    *,
    train: Sequence[Path] = (),
    attributions: Sequence[str] = (),
    pair: str | None = None,
    tau: float = 0.8,
    ignore: Sequence[str] = (),
    options: Sequence[str] = (),
    variant: str | None = None,
    device: str = "auto",
    seed: int = 42,
    language: str | None = None,
) -> Path:
    """Judge the summaries of a file and write JSON, Parquet and card; the JSON's path.

    Args:
        summaries: JSON Lines: `id, summary` [, `opinions_seen`, `sample`].
        task: task table (Parquet), or JSON Lines: `id, opinions, labels`.
        output: the JSON file; values per input come beside it as Parquet.
        train: task tables of labelled inputs outside `task`, for the embedded classifier.
        attributions: names; none: `tokens`, and `classifier` too with `train`.
        pair: groups `A,B` of SPD; None: the two groups, where there are two.
        tau: share of p that q must reach, for BUR.
        ignore: labels that are no group.
        options: `PART.NAME=VALUE` each, of attributions and metrics.
        variant: name of what wrote the summaries; None: what their path says.
        device: auto, cpu or cuda, for attributions with a model.
        seed: root seed of the bootstrap.
        language: ISO 639 code of the texts; None: as their script tells.

    Raises:
        FairpruneError: a mistake in the files or options; nothing is written then.
    """
    if output.suffix != ".json":
        raise FairpruneError(f"--output {output}: a name ending in .json is expected")
    given = {"bur.tau": tau, **split_options(options)}
    judged, found = open_task(task), open_input(summaries)
    trained = [open_task(path) for path in train]
    examples = [row for one in trained for row in one.inputs]
    known = {label for row in (*judged.inputs, *examples) for label in row.labels}
    for label in sorted({*ignore} - known):  # a small test split may well lack it
        print(f"note: no opinion has the label {label!r} of --ignore", file=sys.stderr)
    result = evaluate(
        judged.inputs,
        read_rows(found.path),
        attributions=attributions or None,
        train=examples,
        pair=tuple(pair.split(",")) if pair else None,
        ignore=ignore,
        options=given,
        language=language,
        device=device,
        seed=seed,
    )
    name, of = names_of(summaries, task)
    card_path(output).unlink(missing_ok=True)
    files = write_evaluation(output, result, variant or name, of)
    made_from = {"summaries": found, "task": judged.source}
    made_from |= {f"train{n or ''}": one.source for n, one in enumerate(trained)}
    write_card(
        output,
        stage="evaluate_fairness",
        files=files,
        parameters={"variant": variant or name, "task": of, **result.settings},
        inputs=made_from,
        seed=seed,
        figures={**result.counts, "attributions": result.attributions},
    )
    return output


def names_of(summaries: Path, task: Path) -> tuple[str, str]:
    """Variant and task that the paths tell.

    `…/summaries/MODEL/METHOD/CALIBRATION/SPARSITY/TASK/SPLIT.jsonl` tells both; elsewhere the
    variant is the summaries' file name and the task the inputs' (their folder's, under `tasks`),
    without the ending.
    """
    variant, _, of = name_in(summaries, "summaries").rpartition("/")[0].rpartition("/")
    if variant:
        return variant, of
    under_tasks = len(task.parts) >= 3 and task.parts[-3] == "tasks"
    return summaries.stem, task.parts[-2] if under_tasks else task.stem
