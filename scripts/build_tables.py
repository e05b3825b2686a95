"""Entry: the tidy tables of a run."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import PLACE, run
from fairprune.cli_paths import Writes
from fairprune.report.names import table_targets


def build_tables(
    results: Annotated[Path, Option(help="Results folder of a run.")],
    output: Annotated[Path, PLACE, Writes(table_targets)],
    variants: Annotated[
        list[str] | None,
        Option("--variant", help="MODEL/METHOD/CALIBRATION/SPARSITY; may be repeated; none: all."),
    ] = None,
    manifest: Annotated[
        Path | None, Option(help="File of target paths, one a line; none: all there are.")
    ] = None,
) -> list[Path]:
    """Write CSV files, one figure a row: fairness, quality, language, pruning, costs, and answers.

    Beside them shares.csv (who is heard), instruments.csv (how well attributions see), against.csv
    (other methods). Answers: overlap.csv (the same weights), decomposition.csv (what moves it),
    pareto.csv (of fairness and quality), first_difference.csv (where a method first differs from
    the dense model), agreement.csv (of attributions), annotation.csv (what people said).

    Example: build_tables.py --results results --output results/tables
    """
    from fairprune.report.find import find_results
    from fairprune.report.tables import build_tables as step

    return step(find_results(results, variants or [], manifest), output)


if __name__ == "__main__":
    run(build_tables)
