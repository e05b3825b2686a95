"""The step behind `compare_variants.py`: fairness files in, one table out."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from fairprune.errors import FairpruneError
from fairprune.fairness.comparing.meetings import draws_of, met_by
from fairprune.fairness.comparing.rules import LEVEL
from fairprune.fairness.comparisons import MARGIN, compare
from fairprune.fairness.files import read_evaluation
from fairprune.io.cards import write_card
from fairprune.io.tables import write_parquet

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("variant", "against", "attribution", "metric")),
        ("stratum", pa.string()),
        *((name, pa.float64()) for name in ("difference", "low", "high", "p_value", "p_holm")),
        ("q_value", pa.float64()),
        ("primary", pa.bool_()),
        *((name, pa.float64()) for name in ("margin", "sensitivity")),
        *((name, pa.string()) for name in ("verdict", "reason", "marks")),
        *((name, pa.int64()) for name in ("n", "units")),
        ("group", pa.string()),
        *((name, pa.float64()) for name in ("value", "against_value")),
    ]
)


def compare_variants(
    fairness: Sequence[Path],
    dense: Path,
    output: Path,
    *,
    margin: float = MARGIN,
    seed: int = 42,
    margin_rate: float = MARGIN,
    primary: str = LEVEL,
    against: Sequence[str] = (),
) -> Path:
    """Compare the variants of one model on one task with the dense model; the table's path.

    Args:
        fairness: JSON files of evaluate_fairness.py.
        dense: the same of the unpruned model.
        output: the Parquet file to write.
        margin: share of a summary, 0 to 1, that a group may lose; `bur` and `auc` have their own.
        seed: root seed of resamples and swaps.
        margin_rate: the difference of the rates `bur` and `auc` that is none.
        primary: metric of the primary result's level.
        against: methods that every other method is compared with, too, at the same calibration set
            (or none, where the method needs none) and sparsity.

    Variants whose calibration sets differ in their seed alone are draws of one, named `SET-s*`.

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
    rows = compare(
        model.evaluation,
        {file.variant: file.evaluation for file in files},
        seed=seed,
        against={method: met_by(method, names) for method in against},
        draws=draws_of(names),
        margin=margin,
        margin_rate=margin_rate,
        primary=primary,
    )
    write_parquet(output, [asdict(row) for row in rows], SCHEMA)
    inputs = {"dense": model.source} | {f"fairness{n}": f.source for n, f in enumerate(files)}
    settings = {"margin": margin, "margin_rate": margin_rate, "primary": primary}
    parameters = {"dense": model.variant, "variants": names, "against": list(against), **settings}
    write_card(
        output,
        stage="compare_variants",
        files=[output],
        parameters=parameters,
        inputs=inputs,
        seed=seed,
        figures={"rows": len(rows)},
    )
    return output
