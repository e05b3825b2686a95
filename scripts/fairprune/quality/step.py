"""The step behind `evaluate_quality.py`: files in, files out."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from fairprune.data.opinions import Opinions
from fairprune.data.tasks import open_task
from fairprune.errors import FairpruneError
from fairprune.fairness.step import names_of
from fairprune.io.cards import write_card
from fairprune.io.opened import open_input
from fairprune.io.tables import read_rows, write_json, write_parquet
from fairprune.quality.bertscore import BertScore
from fairprune.quality.dense import said_of, unfit
from fairprune.quality.evaluation import evaluate_quality as evaluate
from fairprune.text.languages import missing


def evaluate_quality(
    summaries: Path,
    task: Path,
    output: Path,
    *,
    variant: str | None = None,
    seed: int = 42,
    bertscore: BertScore | None = None,
    language: str | None = None,
) -> Path:
    """Measure the summaries of a file and write JSON, Parquet (per input) and card.

    Where some inputs have references and others do not, one line on stderr says how many; another
    one where an unpruned model writes too little that is valid for its variants to be judged.

    Returns the JSON's path: `variant, task, inputs, metrics`, the last a list of
    `{metric, value, low, high, n}`; value, low and high are null where nothing counts (ROUGE
    without references).

    Args:
        summaries: JSON Lines: `id, summary` [, `opinions_seen`, `sample`].
        task: task table (Parquet), or JSON Lines: `id, opinions, labels` [, `references`].
        output: the JSON file.
        variant: name of what wrote the summaries; None: what their path says.
        seed: root seed of the bootstrap.
        bertscore: encoder of a further measure, `bertscore`; None: it is left out.
        language: ISO 639 code of the texts; None: as their script tells.

    Raises:
        FairpruneError: a mistake in the files; nothing is written then.
    """
    if output.suffix != ".json":
        raise FairpruneError(f"--output {output}: a name ending in .json is expected")
    judged, found = open_task(task), open_input(summaries)
    result = evaluate(judged.inputs, read_rows(found.path), seed, bertscore, language)
    _tell_missing_references(judged.inputs, task)
    name, of = names_of(summaries, task)
    figures = {figure["metric"]: figure["value"] for figure in result.figures}
    if "/dense/" in (variant or name) and unfit(figures):
        print(f"warning: {variant or name} on {of}: {' '.join(said_of(figures))}", file=sys.stderr)
    table = output.with_suffix(".parquet")
    columns = [(figure["metric"], pa.float64()) for figure in result.figures]
    write_parquet(table, result.rows, pa.schema([("id", pa.string()), *columns]))
    content = {"variant": variant or name, "task": of, "inputs": len(result.rows)}
    write_json(output, {**content, "metrics": result.figures})
    write_card(
        output,
        stage="evaluate_quality",
        files=[output, table],
        parameters={
            "variant": variant or name,
            "task": of,
            "bertscore": result.encoder,
            "language": {"code": result.language, "without": missing(result.language)},
        },
        inputs={"summaries": found, "task": judged.source},
        seed=seed,
        figures=figures,
    )
    return output


def _tell_missing_references(inputs: Sequence[Opinions], task: Path) -> None:
    missing = [row.id for row in inputs if not row.references]
    if 0 < len(missing) < len(inputs):
        print(
            f"note: {task}: {len(missing)} of {len(inputs)} inputs have no reference summary, the "
            f"first {missing[0]!r}; ROUGE is over the others",
            file=sys.stderr,
        )
