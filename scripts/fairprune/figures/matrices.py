"""Which variants keep the dense model's fairness: a cell a variant, in colour and sign."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from fairprune.figures.data import Choice, Row, chosen_rows, of_one_set, panels
from fairprune.figures.style import WIDTH, legend_below
from fairprune.io.variants import GIVEN, Variant

# Verdict → sign and colour; the sign says the same to who does not see the colour.
VERDICTS = {
    "worse": ("−", "#D55E00"),
    "better": ("+", "#0072B2"),
    "shifted": ("↔", "#CC79A7"),
    "equivalent": ("=", "#009E73"),
    "undecided": ("?", "#BBBBBB"),
    "not judged": ("×", "#EEE8C0"),
}
CELL = 0.18  # inches; the published experiment fills a page


def verdicts(tables: dict[str, list[Row]], choice: Choice) -> Figure:
    """Rows: method, with one calibration set; columns: sparsity; panels: model and task."""
    rows = [row for row in chosen_rows(tables["fairness"], choice) if row.get("verdict")]
    places = {key: of_one_set(m, choice.calibration) for key, m in panels(rows).items()}
    lines = [sorted({(r["method"], r["calibration"]) for r in m}) for m in places.values()]
    heights = [CELL * len(found) + 0.4 for found in lines] or [1.0]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    every = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights).ravel()
    for axes, ((model, task), members), found in zip(every, places.items(), lines, strict=False):
        axes.set_title(f"{model} · {task}")
        _cells(axes, members, found)
    every[-1].set_xlabel("sparsity")
    patches = [
        Patch(facecolor=colour, alpha=0.55, label=f"{sign} {name}")
        for name, (sign, colour) in VERDICTS.items()
    ]
    legend_below(figure, patches)
    return figure


def _cells(axes: Axes, rows: list[Row], lines: list[tuple[str, str]]) -> None:
    names = {row["sparsity"]: Variant.parse(str(row["variant"])).fraction for row in rows}
    columns = sorted(names, key=lambda name: (name == GIVEN, names[name], "of" in name, name))
    for row in rows:
        sign, colour = VERDICTS[row["verdict"]]
        x, y = columns.index(row["sparsity"]), lines.index((row["method"], row["calibration"]))
        change = row["difference"]  # none where no summary could be judged
        said = "" if change is None else f"{change:+.3f}".replace("-", "−")
        hatch = "////" if row["broken"] else None
        box: dict[str, Any] = {"facecolor": colour, "edgecolor": "white", "hatch": hatch}
        axes.bar(x, 0.94, 0.96, bottom=y - 0.47, linewidth=0.5, alpha=0.55, **box)
        axes.text(x, y, f"{sign} {said}", ha="center", va="center", fontsize=5.5)
    axes.set_xticks(range(len(columns)), [name.replace("of", ":") for name in columns])
    labels = [m if c == "none" else f"{m}, {c.partition('.')[2] or c}" for m, c in lines]
    axes.set_yticks(range(len(lines)), labels)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
