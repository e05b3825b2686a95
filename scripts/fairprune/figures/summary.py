"""One page to hand out: who is heard how much before and after pruning, in words and bars."""

from collections.abc import Sequence
from itertools import cycle, groupby
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from fairprune.errors import shortened
from fairprune.figures.style import COLOURS, paper
from fairprune.io.atomic import atomic_file
from fairprune.io.cards import write_card
from fairprune.report.instruments import share_rows
from fairprune.report.judged import fairness_rows
from fairprune.report.page import title
from fairprune.report.plain import NOTHING, plain, together
from fairprune.report.results import Results
from fairprune.report.rows import Row, place_of
from fairprune.report.spoken import counted

WIDTH, HEIGHT = 595, 842  # points: A4
MARGIN, BARS, BAR_WIDTH = 48, 400, 147
LINE, TEXT_WIDTH = 12.5, 270  # of the text beside the bars
PAGE_WIDTH = WIDTH - 2 * MARGIN
LEGEND = 80  # letters of a group's name
MOST = 8  # variants of a model and task
SOFT = "#545d68"
GROUP_COLOURS = COLOURS[:6]  # without black, which is the text's
WORD_COLOURS = {  # those of the report, dark enough for text; what says most comes first
    "worse": "#a84300",
    "better": "#005a91",
    "shifted": "#97386f",
    "equivalent": "#006b4f",
    "undecided": "#5a5f66",
    "not judged": "#8a5a00",
}


def build_summary(results: Results, output: Path) -> Path:
    """Draw the page (PDF) and return its path.

    Of every model and task as many variants as fit on one page, at most `MOST`, those whose words
    say most, in the order of the report; what is left out is counted below, and tasks are named.

    Args:
        results: from `find_results`.
        output: the PDF file.
    """
    told = plain(fairness_rows(results), share_rows(results))
    models = list(dict.fromkeys(variant.model for variant in results.variants))
    with paper():
        figure = page_of(title(models), told)
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

    def wrapped(self, text: str, width: float, size: float = 9, **how: Any) -> None:
        """Write a text in lines of this width."""
        for line in lines_of(text, width, size, how.get("weight", "normal")) if text else ():
            self.write(line, size, **how)
            self.y += LINE * size / 9

    def bar(self, x: float, y: float, width: float, colour: str) -> None:
        corner = x / WIDTH, 1 - (y + 8) / HEIGHT
        bar = Rectangle(corner, width / WIDTH, 8 / HEIGHT, color=colour, lw=0)
        self.figure.add_artist(bar)


def text_width(text: str, size: float = 9, weight: str = "normal") -> float:
    """How wide a text is as it is drawn, in points."""
    font = FontProperties(size=size, weight=weight)
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])


def lines_of(text: str, width: float, size: float = 9, weight: str = "normal") -> list[str]:
    """A text in lines of at most this width (points); words that are longer are cut."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}".lstrip()
        if text_width(joined, size, weight) <= width:
            lines[-1] = joined
            continue
        lines += [""] if lines[-1] else []
        for letter in word:
            if lines[-1] and text_width(lines[-1] + letter, size, weight) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def page_of(name: str, told: Sequence[Row]) -> Figure:
    """The page of rows of `plain`, under a title: of as many places and variants as it holds."""
    places = [list(members) for _, members in groupby(told, place_of)]
    tries = [(len(places), most) for most in range(MOST, 0, -1)]
    tries += [(number, 1) for number in range(len(places) - 1, -1, -1)]
    for number, most in tries:
        sheet = _Sheet()
        shown = _fill(sheet, name, places[:number], most)
        if sheet.y < HEIGHT - MARGIN:
            break
    left_out = sum(row["method"] != "dense" for row in told) - shown
    if left_out:
        sheet.y = HEIGHT - MARGIN
        rest = f"{counted(left_out, 'result')} more in the report"
        names = ", ".join(members[0]["task"] for members in places[number:])
        rest += f", also of {names}" if names else ""
        (line, *cut) = lines_of(f"{rest}. A result is one variant on one task.", PAGE_WIDTH)
        sheet.write(f"{line}…" if cut else line, color=SOFT)
    return sheet.figure


def _fill(sheet: _Sheet, name: str, places: list[list[Row]], most: int) -> int:
    """Write the places, `most` variants of each; for how many those stand is given back."""
    sheet.wrapped(name, PAGE_WIDTH, size=15, weight="bold")
    sheet.y += 5
    sheet.write("Do summaries of the pruned model still give each group its share?", size=10)
    sheet.y += 22
    shown = 0
    if all(row["method"] == "dense" for members in places for row in members):
        sheet.wrapped(NOTHING, PAGE_WIDTH)
    for members in places:
        rows = _telling(together([row for row in members if row["method"] != "dense"]), most)
        shown += sum(row.get("variants", 1) for row in rows)
        _heading(sheet, members, rows[0]["groups"] if rows else [])
        for row in rows:
            _told(sheet, row)
    return shown


def _telling(rows: list[Row], most: int) -> list[Row]:
    """So many of the rows, as they stand; a word that comes first in `WORD_COLOURS` says most."""
    words = list(WORD_COLOURS)
    ranked = sorted(range(len(rows)), key=lambda number: words.index(rows[number]["word"]))
    return [rows[number] for number in sorted(ranked[:most])]


def _heading(sheet: _Sheet, members: list[Row], groups: Sequence[str]) -> None:
    sheet.y += 10
    sheet.wrapped(f"{members[0]['task']}, {members[0]['model']}", PAGE_WIDTH, 11, weight="bold")
    _legend(sheet, groups)
    for row in members:
        if row["method"] == "dense":
            sheet.wrapped(row["text"], PAGE_WIDTH, weight="bold", color=WORD_COLOURS["worse"])


def _legend(sheet: _Sheet, groups: Sequence[str]) -> None:
    x = float(MARGIN)
    for group, colour in zip(groups, cycle(GROUP_COLOURS), strict=False):
        first, *cut = lines_of(shortened(group, LEGEND), PAGE_WIDTH - 20, 8)
        name = f"{first}…" if cut else first
        wide = 11 + text_width(name, 8)
        if x > MARGIN and x + wide > WIDTH - MARGIN:
            x, sheet.y = float(MARGIN), sheet.y + LINE
        sheet.bar(x, sheet.y + 2, 8, colour)
        sheet.write(name, size=8, x=x + 11)
        x += wide + 12
    sheet.y += LINE + 3


def _told(sheet: _Sheet, row: Row) -> None:
    top = sheet.y = sheet.y + 4
    sheet.write(row["name"], weight="bold", color=SOFT)
    sheet.y += LINE
    sheet.wrapped(row["text"], TEXT_WIDTH)
    colour = WORD_COLOURS[row["word"]]
    sheet.wrapped(row["phrase"] + row["why"], TEXT_WIDTH, weight="bold", color=colour)
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
