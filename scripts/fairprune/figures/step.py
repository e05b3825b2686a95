"""The figures and LaTeX tables of a run, from its CSV tables alone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fairprune.errors import unknown
from fairprune.figures.data import TABLES, Choice, read_tables, resolved
from fairprune.io.cards import write_card
from fairprune.io.ownership import Target

NAMES = ("verdicts", "fairness", "quality", "pareto", "calibration", "layers", "perplexity", "bias")
LATEX = ("fairness", "quality", "language")


def paper_targets(output: Path, options: Mapping[str, Any]) -> list[Target]:
    """What `build_figures` writes, for its folder and its options by name."""
    drawn = [output / f"{name}.pdf" for name in options["figures"] or NAMES]
    latex = options["latex"] or options["tables"]
    written = [latex / f"{name}.tex" for name in LATEX]
    return [
        *(Target(file, (file, file.with_suffix(".svg"))) for file in drawn),
        *(Target(file, (file,)) for file in written),
    ]


def build_figures(
    tables: Path, output: Path, latex: Path, names: Sequence[str], choice: Choice
) -> list[Path]:
    """Write NAME.pdf and NAME.svg of each figure, and the tables of `LATEX`, with cards.

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
    from fairprune.figures import bias, layers, lines, matrices, points
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
        "bias": bias.bias,
    }
    found = read_tables(tables)
    choice = resolved(choice, found)
    written = write_tables(found, choice, latex)  # first: it refuses a choice that is not there
    with paper():
        for name in names or NAMES:
            written += save(draw[name](found, choice), output / name)
    for target in paper_targets(output, {"figures": names, "latex": latex}):
        write_card(
            target.path,
            stage="build_figures",
            files=target.files,
            parameters=asdict(choice),
            inputs={name: tables / f"{name}.csv" for name in TABLES},
        )
    return written
