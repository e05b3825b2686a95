"""Entry: the report of a run, one HTML file."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, run


def build_report(
    results: Annotated[Path, Option(help="Results folder of a run.")],
    output: Output,
    variants: Annotated[
        list[str] | None,
        Option("--variant", help="MODEL/METHOD/CALIBRATION/SPARSITY; may be repeated; none: all."),
    ] = None,
    manifest: Annotated[
        Path | None, Option(help="File of target paths, one a line; none: all there are.")
    ] = None,
    inputs: Annotated[int, Option(min=0, max=10**6, help="Inputs a task to browse.")] = 200,
) -> Path:
    """Write one self-contained HTML file: verdicts, pictures, tables, summaries, provenance.

    A run with over 15,000 summaries gets a page a model and task, and an index at --output.

    Example: build_report.py --results results --output results/report.html
    """
    from fairprune.report.build import build_report as step
    from fairprune.report.find import find_results

    return step(find_results(results, variants or [], manifest), output, inputs)


if __name__ == "__main__":
    run(build_report)
