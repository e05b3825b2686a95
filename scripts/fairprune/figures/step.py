"""The figures and LaTeX tables of a run, from its CSV tables alone."""

from collections.abc import Sequence
from pathlib import Path

from fairprune.errors import unknown
from fairprune.figures.data import Choice, read_tables

NAMES = ("verdicts", "fairness", "quality", "pareto", "calibration", "layers", "perplexity")


def build_figures(
    tables: Path, output: Path, latex: Path, names: Sequence[str], choice: Choice
) -> list[Path]:
    """Write NAME.pdf and NAME.svg of each figure, and fairness.tex, quality.tex, language.tex.

    Args:
        tables: folder of the CSV tables.
        output: folder of the figures.
        latex: folder of the LaTeX tables.
        names: figures of `NAMES`; none: all.
        choice: what is drawn of a run that measured more.

    Raises:
        FairpruneError: no such figure, metric or attribution, or a table that cannot be read.
    """
    for name in names:
        if name not in NAMES:
            raise unknown("figure", name, NAMES)
    from fairprune.figures import layers, lines, matrices, points
    from fairprune.figures.latex import write_tables
    from fairprune.figures.style import paper, save

    draw = {
        "verdicts": matrices.verdicts,
        "fairness": lines.fairness,
        "quality": lines.quality,
        "pareto": points.pareto,
        "calibration": points.calibration,
        "layers": layers.layers,
        "perplexity": lines.perplexity,
    }
    found = read_tables(tables)
    written = write_tables(found, choice, latex)  # first: it refuses a choice that is not there
    with paper():
        for name in names or NAMES:
            written += save(draw[name](found, choice), output / name)
    return written
