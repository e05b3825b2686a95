"""Figures of single variants: fairness against quality, and by calibration set."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fairprune.fairness.grid import pareto_front
from fairprune.figures.data import Choice, Row, fairness_rows, panels, quality_rows
from fairprune.figures.style import GREY, LINE_HEIGHT, grid, legend_below, looks
from fairprune.report.names import QUALITY, fairness_metric

ENDS = ("low", "high")


def pareto(tables: dict[str, list[Row]], choice: Choice) -> Figure:
    """Fairness against quality: the dashed front is what no other variant beats in both.

    Both on the inputs whose summary is valid in all of them. Broken variants (validity under 90 %)
    are left out: what they write often looks fair. The intervals are those of each variant's own
    inputs.
    """
    good = quality_rows(tables["quality"], choice)
    known = {(row["variant"], row["task"]): row for row in good}
    own = {(r["variant"], r["task"]): r for r in fairness_rows(tables["fairness"], choice)}
    measured = good[0]["metric"] if good else choice.quality
    rows = [
        {
            **row,
            **{end: own.get((row["variant"], row["task"]), {}).get(end) for end in ENDS},
            "quality": {**known[row["variant"], row["task"]], "value": row["quality"]},
        }
        for row in fairness_rows(tables["pareto"], choice)
        if row["measure"] == measured and row["quality"] is not None
    ]
    places = panels(rows)
    figure, every = grid(_titles(places))
    look = looks({row["method"] for row in rows} - {"dense"})
    name = fairness_metric(choice.metric)
    measure = good[0]["metric"] if good else choice.quality
    for axes, members in zip(every, places.values(), strict=False):
        _scatter(axes, members, look)
        axes.set_xlabel(f"{QUALITY.get(measure, measure)} (right is better)")
    for axes in every[::2]:
        axes.set_ylabel(f"{name.short} (lower is fairer)")
    points = [Line2D([], [], **s | {"linestyle": ""}, label=n) for n, s in look.items()]
    points.append(Line2D([], [], color=GREY, marker="*", linestyle="", label="dense"))
    points.append(Line2D([], [], color=GREY, linestyle="--", label="front"))
    legend_below(figure, points)
    return figure


def calibration(tables: dict[str, list[Row]], choice: Choice) -> Figure:
    """Fairness by calibration set, each method at the largest sparsity, with 95 % intervals."""
    rows = fairness_rows(tables["fairness"], choice)
    calibrated = {(r["model"], r["task"]) for r in rows if r["calibration"] != "none"}
    places = panels(
        row
        for row in rows
        if (row["model"], row["task"]) in calibrated
        and (row["calibration"] != "none" or row["variant"].dense)
    )
    look = looks({row["method"] for row in rows} - {"dense"})
    used = {row["method"] for members in places.values() for row in members}
    most = max((len({r["calibration"] for r in m}) for m in places.values()), default=1)
    figure, every = grid(_titles(places), height=0.6 + LINE_HEIGHT * most * max(1, len(used) / 3))
    for axes, members in zip(every, places.values(), strict=False):
        _dots(axes, members, look)
        axes.set_xlabel(f"{fairness_metric(choice.metric).short} (lower is fairer)")
    shown = [Line2D([], [], **s | {"linestyle": ""}, label=n) for n, s in look.items() if n in used]
    shown.append(Line2D([], [], color=GREY, linestyle="--", label="dense"))
    legend_below(figure, shown)
    return figure


def _titles(places: dict[tuple[str, str], list[Row]]) -> list[str]:
    models = {model for model, _ in places}
    return [f"{m} · {task}" if len(models) > 1 else task for m, task in places] or [""]


def _scatter(axes: Axes, rows: list[Row], look: dict[str, dict[str, Any]]) -> None:
    front = pareto_front([(row["value"], row["quality"]["value"]) for row in rows])
    best = sorted(
        (row["quality"]["value"], row["value"]) for row, on in zip(rows, front, strict=True) if on
    )
    axes.step(*zip(*best, strict=True), where="pre", color=GREY, linestyle="--", zorder=1)
    for row in rows:
        style = look.get(row["method"], {"color": GREY, "marker": "*"})
        x, y = row["quality"]["value"], row["value"]
        pale = {"color": style["color"], "alpha": 0.35, "linewidth": 0.7, "zorder": 2}
        if row["low"] is not None:
            axes.vlines(x, row["low"], row["high"], **pale)
        if row["quality"]["low"] is not None:
            axes.hlines(y, row["quality"]["low"], row["quality"]["high"], **pale)
        size = 30 if row["variant"].dense else 6 + 30 * row["fraction"]
        axes.scatter(x, y, s=size, c=style["color"], marker=style["marker"], linewidth=0, zorder=3)


def _dots(axes: Axes, rows: list[Row], look: dict[str, dict[str, Any]]) -> None:
    pruned = [row for row in rows if not row["variant"].dense]
    for row in (row for row in rows if row["variant"].dense):
        axes.axvline(row["value"], color=GREY, linestyle="--", zorder=1)
    top = max(row["variant"].fraction for row in pruned)
    sets = sorted({row["calibration"] for row in pruned}, reverse=True)
    methods = sorted({row["method"] for row in pruned})
    for row in (r for r in pruned if r["variant"].fraction == top and "of" not in r["sparsity"]):
        share = (methods.index(row["method"]) + 0.5) / len(methods) - 0.5
        y, style = sets.index(row["calibration"]) - 0.7 * share, look[row["method"]]
        axes.plot(row["value"], y, **style | {"linestyle": ""}, zorder=3)
        if row["low"] is not None:
            axes.hlines(y, row["low"], row["high"], color=style["color"], linewidth=0.8, zorder=2)
    axes.set_yticks(range(len(sets)), [name.partition(".")[2] or name for name in sets])
    axes.set_ylim(-0.6, len(sets) - 0.4)
