"""Entry: figures and tables for a paper."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import PLACE, run
from fairprune.cli_paths import NOTHING_MORE, Writes
from fairprune.figures.data import Choice
from fairprune.figures.step import NAMES, paper_targets

LATEX = Option(help="Folder of the LaTeX tables; none: that of the CSV tables.")


def build_figures(
    tables: Annotated[Path, Option(help="Folder of the CSV tables of build_tables.py.")],
    output: Annotated[Path, PLACE, Writes(paper_targets)],
    latex: Annotated[Path | None, LATEX, NOTHING_MORE] = None,
    figures: Annotated[
        list[str] | None, Option("--figure", help=f"{', '.join(NAMES)}; repeatable; none: all.")
    ] = None,
    metric: Annotated[str | None, Option(help="Fairness metric; none: uer_excess.")] = None,
    attribution: Annotated[str | None, Option(help="Attribution; none: tokens if used.")] = None,
    quality: Annotated[str, Option(help="Measure of quality that is drawn.")] = "rougeL",
    calibration: Annotated[str, Option(help="Set that lines are of, or the first.")] = "balanced",
) -> list[Path]:
    """Draw a run's figures one column (84 mm) wide, as PDF and SVG, and its tables for LaTeX.

    Example: build_figures.py --tables results/tables --output results/figures --metric bur
    """
    from fairprune.figures.step import build_figures as step

    choice = Choice(metric or "", attribution, quality, calibration)
    return step(tables, output, latex or tables, figures or [], choice)


if __name__ == "__main__":
    run(build_figures)
