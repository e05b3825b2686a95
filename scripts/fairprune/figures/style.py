"""How all figures look: one column wide, fonts embedded, told apart without colours too."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fairprune.io.atomic import atomic_file

WIDTH = 3.3  # inches, 84 mm: a column of the ACL, IEEE and ACM styles
PANEL_HEIGHT = 1.45
LINE_HEIGHT = 0.15  # of the legend
GREY = "#666666"
# Okabe and Ito's palette, which the common colour blindnesses tell apart, without its yellow.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1)), (0, (6, 2)))
SETTINGS: dict[Any, object] = {  # matplotlib knows its keys one by one
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "axes.titlesize": 7,
    "axes.labelsize": 7,
    "xtick.labelsize": 6,
    "ytick.labelsize": 6,
    "legend.fontsize": 6,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    "lines.markersize": 3.2,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "pdf.fonttype": 42,  # TrueType, whole outlines in the file; many journals refuse Type 3
    "svg.fonttype": "path",  # outlines too: no reader needs the font
    "svg.hashsalt": "fairprune",
}


@contextmanager
def paper() -> Iterator[None]:
    """Draw in this style inside, whatever the user's own matplotlib settings say."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        yield


def grid(titles: list[str], height: float = PANEL_HEIGHT) -> tuple[Figure, list[Axes]]:
    """A figure of one column's width with a panel for each title, two side by side.

    Args:
        titles: what stands above each panel.
        height: of one row of panels, in inches.
    """
    columns = min(2, len(titles))
    rows = -(-len(titles) // columns)
    figure = Figure(figsize=(WIDTH, height * rows + 0.25), layout="constrained")
    every = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in every[len(titles) :]:
        axes.remove()
    for axes, title in zip(every, titles, strict=False):
        axes.set_title(title)
    return figure, list(every[: len(titles)])


def looks(methods: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Colour, marker and dashes of every method by name: no two methods share all three."""
    return {
        name: {
            "color": COLOURS[i % len(COLOURS)],
            "marker": MARKERS[(i + i // len(COLOURS)) % len(MARKERS)],
            "linestyle": DASHES[i % len(DASHES)],
        }
        for i, name in enumerate(sorted(methods))
    }


def legend_below(figure: Figure, handles: Sequence[Artist], columns: int = 4) -> None:
    """One legend under all panels, which gets the room that it takes; at most so many columns."""
    for count in range(min(columns, len(handles)), 0, -1):
        legend = figure.legend(handles=handles, loc="outside lower center", ncols=count)
        if count == 1 or legend.get_window_extent().width <= figure.bbox.width:
            break
        legend.remove()
    rows = -(-len(handles) // count)
    figure.set_figheight(figure.get_figheight() + rows * LINE_HEIGHT)


def save(figure: Figure, stem: Path) -> list[Path]:
    """Write STEM.pdf and STEM.svg, in the same bytes for the same figure."""
    undated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
    written = []
    for ending, metadata in undated.items():
        path = stem.with_name(stem.name + ending)
        with atomic_file(path) as partial:
            figure.savefig(partial, format=ending[1:], metadata=metadata)
        written.append(path)
    return written
