"""One page to hand out: who is heard how much before and after pruning, in words and bars."""

from collections.abc import Sequence
from itertools import cycle, groupby
from pathlib import Path
from textwrap import wrap
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fairprune.figures.style import COLOURS, paper
from fairprune.io.atomic import atomic_file
from fairprune.io.cards import write_card
from fairprune.report.instruments import share_rows
from fairprune.report.judged import fairness_rows
from fairprune.report.page import title
from fairprune.report.plain import plain
from fairprune.report.results import Results
from fairprune.report.rows import Row, place_of
from fairprune.report.spoken import counted

WIDTH, HEIGHT = 595, 842  # points: A4
MARGIN, BARS, BAR_WIDTH = 48, 400, 147
LINE, LETTERS, BOLD_LETTERS = 12.5, 58, 50  # of the text beside the bars
MOST = 8  # variants of a model and task
SOFT = "#545d68"
GROUP_COLOURS = COLOURS[:6]  # without black, which is the text's
WORD_COLOURS = {  # those of the report, dark enough for text
    "worse": "#a84300",
    "better": "#005a91",
    "shifted": "#97386f",
    "equivalent": "#006b4f",
    "undecided": "#5a5f66",
    "not judged": "#8a5a00",
}


def build_summary(results: Results, output: Path) -> Path:
    """Draw the page (PDF) and return its path.

    Of every model and task as many variants as fit on one page, at most `MOST`, in the order of
    the report; what is left out is counted below.

    Args:
        results: from `find_results`.
        output: the PDF file.
    """
    told = plain(fairness_rows(results), share_rows(results))
    models = list(dict.fromkeys(variant.model for variant in results.variants))
    with paper():
        figure = _page(title(models), told)
        with atomic_file(output) as partial:
            figure.savefig(partial, format="pdf", metadata={"CreationDate": None})
    inputs = {"results": results.digest}
    write_card(output, stage="build_summary", files=[output], parameters={}, inputs=inputs)
    return output


class _Sheet:
    """A page that is written from its top down; a place is in points."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
        self.y = float(MARGIN)

    def write(self, text: str, size: float = 9, x: float = MARGIN, **how: Any) -> None:
        place = x / WIDTH, 1 - self.y / HEIGHT
        self.figure.text(*place, text, size=size, va="top", parse_math=False, **how)

    def bar(self, x: float, y: float, width: float, colour: str) -> None:
        corner = x / WIDTH, 1 - (y + 8) / HEIGHT
        bar = Rectangle(corner, width / WIDTH, 8 / HEIGHT, color=colour, lw=0)
        self.figure.add_artist(bar)


def _page(name: str, told: Sequence[Row]) -> Figure:
    places = [list(members) for _, members in groupby(told, place_of)]
    for most in range(MOST, 0, -1):
        sheet = _Sheet()
        left_out = _fill(sheet, name, places, most)
        if sheet.y < HEIGHT - MARGIN:
            break
    if left_out:
        sheet.y = HEIGHT - MARGIN
        sheet.write(f"{counted(left_out, 'variant')} more in the report.", color=SOFT)
    return sheet.figure


def _fill(sheet: _Sheet, name: str, places: list[list[Row]], most: int) -> int:
    """Write places that fit, `most` variants of each; how many are left out is given back."""
    sheet.write(name, size=15, weight="bold")
    sheet.y += 26
    sheet.write("Do summaries of the pruned model still give each group its share?", size=10)
    sheet.y += 22
    left_out = 0
    for members in places:
        pruned = [row for row in members if row["method"] != "dense"]
        here = pruned[:most]
        left_out += len(pruned) - len(here)
        _heading(sheet, members, pruned[0]["groups"])
        for row in here:
            _told(sheet, row)
    return left_out


def _heading(sheet: _Sheet, members: list[Row], groups: Sequence[str]) -> None:
    sheet.y += 10
    sheet.write(f"{members[0]['task']}, {members[0]['model']}", size=11, weight="bold")
    x = float(BARS)
    for group, colour in zip(groups, cycle(GROUP_COLOURS), strict=False):
        sheet.bar(x, sheet.y + 2, 8, colour)
        sheet.write(group, size=8, x=x + 11)
        x += 20 + 5 * len(group)
    sheet.y += 18
    for row in members:
        if row["method"] == "dense":
            for line in wrap(row["text"], 3 * BOLD_LETTERS // 2):
                sheet.write(line, weight="bold", color=WORD_COLOURS["worse"])
                sheet.y += LINE


def _told(sheet: _Sheet, row: Row) -> None:
    top = sheet.y = sheet.y + 4
    sheet.write(row["name"], weight="bold", color=SOFT)
    sheet.y += LINE
    for line in wrap(row["text"], LETTERS):
        sheet.write(line)
        sheet.y += LINE
    for line in wrap(row["phrase"] + row["why"], BOLD_LETTERS):
        sheet.write(line, weight="bold", color=WORD_COLOURS[row["word"]])
        sheet.y += LINE
    for k, (writer, shares) in enumerate(row["bars"]):
        if None not in shares:
            _bar(sheet, top + LINE + 14 * k, writer, shares)
    sheet.y = max(sheet.y, top + LINE + 14 * len(row["bars"])) + 5


def _bar(sheet: _Sheet, y: float, writer: str, shares: Sequence[float]) -> None:
    x, total = float(BARS), sum(shares) or 1.0
    place = (BARS - 6) / WIDTH, 1 - (y + 8) / HEIGHT
    sheet.figure.text(*place, writer, size=6.5, ha="right", va="bottom", color=SOFT)
    for share, colour in zip(shares, cycle(GROUP_COLOURS), strict=False):
        sheet.bar(x, y, BAR_WIDTH * share / total, colour)
        x += BAR_WIDTH * share / total
