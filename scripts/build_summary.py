"""Entry: a page to hand out, for readers who know no statistics."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, run


def build_summary(
    results: Annotated[Path, Option(help="Results folder of a run.")],
    output: Output,
    manifest: Annotated[
        Path | None, Option(help="File of target paths, one a line; none: all there are.")
    ] = None,
) -> Path:
    """Write one page (PDF, A4): who is heard how much before and after pruning, in words.

    Example: build_summary.py --results results --output results/summary.pdf
    """
    from fairprune.figures.summary import build_summary as step
    from fairprune.report.find import find_results

    return step(find_results(results, [], manifest), output)


if __name__ == "__main__":
    run(build_summary)
