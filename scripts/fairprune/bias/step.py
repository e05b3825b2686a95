"""The step behind `compare_items.py`: files of language ability in, one table out."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from fairprune.bias.comparisons import MARGIN, compared
from fairprune.bias.goals import goals_of
from fairprune.errors import FairpruneError, unknown
from fairprune.io.cards import write_card
from fairprune.io.places import items_file
from fairprune.io.tables import write_parquet
from fairprune.language.items import read_items

WORDS = ("variant", "task", "metric", "stratum", "goal")
NUMBERS = (
    *("value", "dense_value", "difference", "low", "high"),
    *("worsening", "worsening_low", "worsening_high"),
    *("flip_rate", "flip_low", "flip_high", "newly_biased", "newly_low", "newly_high"),
    "no_longer_biased",
)
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in WORDS),
        *((name, pa.float64()) for name in NUMBERS),
        ("test", pa.string()),
        *((name, pa.float64()) for name in ("p_value", "q_value", "margin")),
        *((name, pa.string()) for name in ("verdict", "reason", "marks")),
        *((name, pa.int64()) for name in ("n", "units")),
    ]
)


def compare_items(
    language: Sequence[Path],
    dense: Path,
    output: Path,
    *,
    metrics: Sequence[str] = (),
    margin: float = MARGIN,
    seed: int = 42,
) -> Path:
    """Compare the variants of one model with it on bias tasks, item by item; the table's path.

    Args:
        language: JSON files of evaluate_language.py, each with its items beside it.
        dense: the same of the unpruned model.
        output: the Parquet file to write.
        metrics: `TASK/METRIC=GOAL` each (`goals_of`), beside those that are known.
        margin: the difference of a share of items that is none.
        seed: root seed of the resamples.

    Raises:
        FairpruneError: files that do not belong together; nothing is written then.
    """
    goals, asked = goals_of(metrics), goals_of(metrics, {})
    if Path(output).resolve() in {items_file(path).resolve() for path in (dense, *language)}:
        raise FairpruneError(
            f"{output} would be replaced, and holds items that are read: give another --output"
        )
    model, files = read_items(dense), [read_items(path) for path in language]
    names = [file.variant for file in files]
    if twice := [name for name in names if names.count(name) > 1]:
        raise FairpruneError(f"variant {twice[0]!r} is given twice: give each once")
    measured = {f"{row['task']}/{row['metric']}" for row in model.rows}
    for name in (f"{task}/{metric}" for task in asked for metric in asked[task]):
        if name not in measured:
            raise unknown("score", name, measured, f" in --metric: {dense} holds none")
    variants = {file.variant: file.rows for file in files}
    rows = compared(model.rows, variants, goals, margin, seed)
    write_parquet(output, rows, SCHEMA)
    write_card(
        output,
        stage="compare_items",
        files=[output],
        parameters={
            **{"dense": model.variant, "variants": names},
            **{"metrics": list(metrics), "margin": margin},
        },
        inputs={"dense": model.source} | {f"language{n}": f.source for n, f in enumerate(files)},
        seed=seed,
        figures={"rows": len(rows)},
    )
    return output
