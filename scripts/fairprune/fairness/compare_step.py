"""The step behind `compare_variants.py`: fairness files in, one table out."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from fairprune.errors import FairpruneError
from fairprune.fairness.comparisons import compare
from fairprune.fairness.files import read_evaluation
from fairprune.io.cards import write_card
from fairprune.io.tables import write_parquet

TEXTS = ("variant", "attribution", "metric", "stratum")
NUMBERS = ("difference", "low", "high", "p_value", "p_holm")
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in TEXTS),
        *((name, pa.float64()) for name in NUMBERS),
        ("verdict", pa.string()),
        ("n", pa.int64()),
    ]
)


def compare_variants(
    fairness: Sequence[Path], dense: Path, output: Path, *, margin: float, seed: int
) -> Path:
    """Compare the variants of one model on one task with the dense model; the table's path.

    Raises:
        FairpruneError: files that do not belong together; nothing is written then.
    """
    files = [read_evaluation(path) for path in fairness]
    model = read_evaluation(dense)
    for file in files:
        if file.task != model.task:
            raise FairpruneError(
                f"{file.path} is about task {file.task!r}, {dense} about {model.task!r}: "
                "compare on one task"
            )
    names = [file.variant for file in files]
    if twice := [name for name in names if names.count(name) > 1]:
        raise FairpruneError(
            f"variant {twice[0]!r} is given twice; name variants with --variant when evaluating"
        )
    rows = compare(model.evaluation, {f.variant: f.evaluation for f in files}, margin, seed)
    write_parquet(output, [asdict(row) for row in rows], SCHEMA)
    inputs = {"dense": dense} | {f"fairness{n}": path for n, path in enumerate(fairness)}
    write_card(
        output,
        stage="compare_variants",
        files=[output],
        parameters={"dense": model.variant, "variants": names, "margin": margin},
        inputs=inputs,
        seed=seed,
        figures={"rows": len(rows)},
    )
    return output
