"""How much worse each variant does on bias tasks than the dense model."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from fairprune.figures.data import Choice, Row, of_one_set
from fairprune.figures.matrices import VERDICTS
from fairprune.figures.style import GREY, LINE_HEIGHT, WIDTH, legend_below

MARKERS = dict(zip(VERDICTS, ("o", "o", "D", "s", "s", "x"), strict=True))
FILLED = ("worse", "equivalent", "shifted")


def bias(tables: dict[str, list[Row]], choice: Choice) -> Figure:
    """The change for the worse with its 95 % interval, a panel a model and score; grey: the margin.

    Over all items of a task, and variants of one calibration set.
    """
    rows = [r for r in tables["bias"] if r["stratum"] == "all" and r["worsening"] is not None]
    places: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        places.setdefault((row["model"], row["task"], row["metric"]), []).append(row)
    every = {key: of_one_set(found, choice.calibration) for key, found in places.items()}
    heights = [LINE_HEIGHT * len(found) + 0.4 for found in every.values()] or [1.0]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.2), layout="constrained")
    panels = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights).ravel()
    models = {model for model, _, _ in every}
    for axes, ((model, task, metric), found) in zip(panels, every.items(), strict=False):
        named = f"{task}: {metric} (best: {found[0]['goal']})"
        axes.set_title(f"{model} · {named}" if len(models) > 1 else named)
        _panel(axes, found)
    panels[-1].set_xlabel("change against the dense model (right is worse)")
    shown = {row["verdict"] for found in every.values() for row in found}
    handles = [Line2D([], [], **_look(word), label=word) for word in VERDICTS if word in shown]
    legend_below(figure, [*handles, Line2D([], [], color=GREY, linestyle="--", label="dense")])
    return figure


def _panel(axes: Axes, rows: list[Row]) -> None:
    rows = sorted(rows, key=lambda row: (row["method"], row["calibration"], row["sparsity"]))
    axes.axvspan(-rows[0]["margin"], rows[0]["margin"], color=GREY, alpha=0.12, linewidth=0)
    axes.axvline(0, color=GREY, linestyle="--", zorder=1)
    for place, row in enumerate(rows):
        look = _look(row["verdict"])
        axes.plot(row["worsening"], place, **look, zorder=3)
        if row["worsening_low"] is not None:
            ends = row["worsening_low"], row["worsening_high"]
            axes.hlines(place, *ends, color=look["color"], linewidth=0.8, zorder=2)
    axes.set_yticks(range(len(rows)), [f"{r['method']} {r['sparsity']}" for r in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(5))


def _look(verdict: str) -> dict[str, Any]:
    """Colour and marker of a word, which colour-blind readers tell apart."""
    colour = VERDICTS[verdict][1] if verdict != "not judged" else GREY
    face = colour if verdict in FILLED else "white"
    return {"color": colour, "marker": MARKERS[verdict], "markerfacecolor": face, "linestyle": ""}
