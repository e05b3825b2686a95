"""Figures against sparsity: fairness, quality, perplexity."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogFormatter, MaxNLocator, PercentFormatter, ScalarFormatter

from fairprune.figures.data import Choice, Row, fairness_rows, of_one_set, panels, quality_rows
from fairprune.figures.style import GREY, grid, legend_below, looks
from fairprune.report.names import QUALITY, fairness_metric


def fairness(tables: dict[str, list[Row]], choice: Choice) -> Figure:
    """The chosen fairness metric against sparsity, a panel a model and task."""
    rows = fairness_rows(tables["fairness"], choice)
    name = fairness_metric(choice.metric)
    label = f"|{name.short}|" if name.signed else name.short
    return against_sparsity(panels(rows), choice, f"{label} (lower is fairer)")


def quality(tables: dict[str, list[Row]], choice: Choice) -> Figure:
    """The chosen measure of quality against sparsity, a panel a model and task."""
    rows = quality_rows(tables["quality"], choice)
    name = rows[0]["metric"] if rows else choice.quality
    return against_sparsity(panels(rows), choice, QUALITY.get(name, name))


def perplexity(tables: dict[str, list[Row]], choice: Choice) -> Figure:
    """Perplexity against sparsity on a logarithmic axis, a panel a model and corpus."""
    kept = ("kind", "perplexity")
    rows = [r for r in tables["language"] if kept in r.items() and r["value"] is not None]
    figure = against_sparsity(panels(rows, "name"), choice, "perplexity")
    for axes in figure.axes:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(1.5, 0.6)))
    return figure


def against_sparsity(
    places: dict[tuple[str, str], list[Row]], choice: Choice, label: str
) -> Figure:
    """A line a method with its 95 % interval, the dense model's as a level; broken ones crossed."""
    models = {model for model, _ in places}
    titles = [f"{model} · {what}" if len(models) > 1 else what for model, what in places]
    figure, every = grid(titles or [""])
    known = {row["method"] for rows in places.values() for row in rows}
    look = looks(known - {"dense"})
    for axes, rows in zip(every, places.values(), strict=False):
        _panel(axes, of_one_set(rows, choice.calibration), look)
        axes.set_xlabel("sparsity")
    for axes in every[::2]:
        axes.set_ylabel(label)
    handles = [Line2D([], [], **style, label=name) for name, style in look.items()]
    handles.append(Line2D([], [], color=GREY, linestyle="--", label="dense"))
    if any(row["broken"] for rows in places.values() for row in rows):
        cross = Line2D([], [], color=GREY, marker="x", linestyle="", label="validity < 90 %")
        handles.append(cross)
    legend_below(figure, handles)
    return figure


def _panel(axes: Axes, rows: list[Row], look: dict[str, dict[str, Any]]) -> None:
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    for row in (row for row in rows if row["variant"].dense):
        axes.axhline(row["value"], color=GREY, linestyle="--", zorder=1)
        if row.get("low") is not None:
            axes.axhspan(row["low"], row["high"], color=GREY, alpha=0.15, linewidth=0, zorder=0)
    for method, style in look.items():
        mine = sorted(
            (row for row in rows if row["method"] == method),
            key=lambda row: (row["fraction"], row["sparsity"]),
        )
        steps = [row for row in mine if row["variant"].pattern == "unstructured"]
        _line(axes, steps, style)
        _points(axes, [row for row in mine if row not in steps], style)
        crossed = [row for row in mine if row["broken"]]
        at = [row["fraction"] for row in crossed]
        axes.plot(at, [row["value"] for row in crossed], "x", color=GREY, markersize=6, zorder=5)


def _line(axes: Axes, rows: list[Row], style: dict[str, Any]) -> None:
    at = [row["fraction"] for row in rows]
    axes.plot(at, [row["value"] for row in rows], **style, zorder=3)
    known = [row for row in rows if row.get("low") is not None]
    if known:
        at = [row["fraction"] for row in known]
        low, high = ([row[end] for row in known] for end in ("low", "high"))
        axes.fill_between(at, low, high, color=style["color"], alpha=0.15, linewidth=0, zorder=2)


def _points(axes: Axes, rows: list[Row], style: dict[str, Any]) -> None:
    """Patterns such as 2:4, and compressed models: hollow points with bars, on no line."""
    for row in rows:
        at, hollow = row["fraction"], {"markerfacecolor": "white", **style}
        axes.plot([at], [row["value"]], **(hollow | {"linestyle": ""}), zorder=4)
        if row.get("low") is not None:
            axes.vlines(at, row["low"], row["high"], color=style["color"], linewidth=0.8, zorder=2)
