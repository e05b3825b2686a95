"""How a method shares sparsity out over the depth of a model."""

import re

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from fairprune.figures.data import Choice, Row, of_one_set
from fairprune.figures.style import grid, legend_below, looks


def layers(tables: dict[str, list[Row]], choice: Choice) -> Figure:
    """Sparsity of every block (its layers by their weights), a panel a model.

    Drawn is each method's largest unstructured sparsity, or its first pattern.
    """
    rows = tables["pruning"]
    models = sorted({row["model"] for row in rows})
    figure, every = grid(models or [""])
    look = looks({row["method"] for row in rows})
    for axes, model in zip(every, models, strict=False):
        mine = of_one_set([row for row in rows if row["model"] == model], choice.calibration)
        for method in sorted({row["method"] for row in mine}):
            found = _largest([row for row in mine if row["method"] == method])
            axes.plot(*zip(*sorted(_blocks(found).items()), strict=True), **look[method])
        axes.set_xlabel("block")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.locator_params(axis="x", integer=True)
    for axes in every[::2]:
        axes.set_ylabel("sparsity")
    legend_below(figure, [Line2D([], [], **style, label=name) for name, style in look.items()])
    return figure


def _largest(rows: list[Row]) -> list[Row]:
    best = max((row["variant"] for row in rows), key=lambda v: ("of" not in v.sparsity, v.fraction))
    return [row for row in rows if row["variant"] == best]


def _blocks(rows: list[Row]) -> dict[int, float]:
    """Block number → share of its weights that are pruned."""
    pruned: dict[int, list[int]] = {}
    for row in rows:
        number = re.search(r"\d+", row["layer"])
        counts = pruned.setdefault(int(number[0]) if number else 0, [0, 0])
        counts[0] += int(row["pruned"])
        counts[1] += int(row["weights"])
    return {block: gone / whole for block, (gone, whole) in pruned.items()}
