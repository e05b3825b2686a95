"""Figures and LaTeX tables: one column wide, fonts embedded, whole LaTeX, the same bytes."""

import csv
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import prepared
import pytest
from matplotlib.lines import Line2D
from report.micro_results import make_results

from fairprune.errors import FairpruneError
from fairprune.figures import latex, style
from fairprune.figures.data import Choice, fairness_rows, of_one_set, read_tables, unsigned
from fairprune.figures.step import NAMES, build_figures

pytestmark = pytest.mark.long("of figures for papers")
SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
COLUMN = 3.3 * 72  # points
BY_HAND = shutil.ignore_patterns("*card.json")  # changed tables are no longer those of their cards
HOSTILE = "wanda_50% & $x$ #1 {b} ~ ^ \\end"


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """CSV tables of two models, two tasks, four methods, a pattern and two calibration sets."""
    folder = tmp_path_factory.mktemp("figures")
    results = make_results(
        folder / "results",
        models=("tiny", "other_model"),
        methods=("random", "magnitude", "wanda", "hgla"),
        sparsities=("0.30", "0.50", "2of4"),
        inputs=4,
    )
    places = ["--results", str(results), "--output", str(folder / "tables")]
    subprocess.run([prepared.python(), str(SCRIPTS / "build_tables.py"), *places], check=True)
    return folder / "tables"


@pytest.fixture(scope="module")
def made(tables, tmp_path_factory):
    """Everything, made once."""
    folder = tmp_path_factory.mktemp("made")
    build_figures(tables, folder, folder, (), Choice())
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_pdf_is_a_column_wide_with_its_fonts_inside(made, name):
    pdf = (made / f"{name}.pdf").read_bytes()
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", pdf)
    assert float(box[1]) == pytest.approx(COLUMN)
    assert float(box[2]) < 9.2 * 72  # a page's text block
    described = pdf.count(b"/Type /FontDescriptor")
    assert described >= 1
    assert pdf.count(b"/FontFile2") == described
    assert b"/Subtype /Type3" not in pdf
    assert b"/CreationDate" not in pdf


@pytest.mark.parametrize("name", NAMES)
def test_svg_is_a_column_wide_and_needs_no_font(made, name):
    root = ElementTree.fromstring((made / f"{name}.svg").read_text())  # noqa: S314 our own file
    assert float(root.get("width").removesuffix("pt")) == pytest.approx(COLUMN)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert "text" not in tags
    assert "path" in tags


def test_same_tables_give_the_same_bytes(tables, made, tmp_path):
    again = build_figures(tables, tmp_path, tmp_path, ("fairness", "verdicts"), Choice())
    assert len(again) == 7
    for path in again:
        assert path.read_bytes() == (made / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", ["fairness", "quality", "language"])
def test_latex_is_whole(made, name):
    text = (made / f"{name}.tex").read_text()
    check_latex(text)
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 4
    assert "other\\_model" in text
    if name != "language":
        assert r"{\scriptsize [" in text


def check_latex(text):
    """Environments are closed, braces balanced, rows of equal length, specials escaped."""
    bare = re.sub(r"\\[\\&%$#_{}]", "", text)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    opened = re.findall(r"\\begin\{([a-z*]+)\}", text)
    assert sorted(opened) == sorted(re.findall(r"\\end\{([a-z*]+)\}", text))
    assert not re.search(r"[#~^%]", bare)
    assert "_" not in re.sub(r"\\label\{.*\}", "", bare)
    for columns, body in re.findall(
        r"\\begin\{tabular\}\{(l+c*)\}\n(.*?)\\end\{tabular\}", text, re.S
    ):
        for row in re.findall(r"^(?!\\)(.*) \\\\$", body, re.M):
            spans = [int(n) for n in re.findall(r"\\multicolumn\{(\d+)\}", row)]
            cells = len(re.findall(r"(?<!\\)&", row)) + 1
            assert cells + sum(spans) - len(spans) == len(columns), row


def test_hostile_names_are_escaped(tables, tmp_path):
    copy = tmp_path / "tables"
    shutil.copytree(tables, copy, ignore=BY_HAND)
    for file in copy.glob("*.csv"):
        file.write_text(file.read_text().replace("wanda", HOSTILE))
    latex.write_tables(read_tables(copy), Choice(), tmp_path)
    text = (tmp_path / "fairness.tex").read_text()
    check_latex(text)
    assert r"wanda\_50\% \& \$x\$ \#1 \{b\} \textasciitilde{} \textasciicircum{}" in text


def test_a_run_without_summaries_or_texts(tables, tmp_path):
    for file in tables.glob("*.csv"):
        lines = file.read_text().splitlines(keepends=True)
        kept = lines if file.stem == "pruning" else lines[:1]
        (tmp_path / file.name).write_text("".join(kept))
    build_figures(tmp_path, tmp_path, tmp_path, (), Choice())
    assert (tmp_path / "fairness.tex").read_text().startswith("% Nothing")


def test_a_model_that_wrote_nothing_that_can_be_judged(tables, tmp_path):
    copy = tmp_path / "tables"
    shutil.copytree(tables, copy, ignore=BY_HAND)
    with (copy / "fairness.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    judged = ("value", "low", "high", "difference", "difference_low", "difference_high")
    for row in rows:
        if row["model"] == "tiny":
            row.update(dict.fromkeys(judged, ""), broken="true")
    with (copy / "fairness.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    build_figures(copy, tmp_path, tmp_path, (), Choice())
    check_latex((tmp_path / "fairness.tex").read_text())


@pytest.mark.parametrize("names", [["a"], ["magnitude"] * 8, ["hgla-repository, and more"] * 5])
def test_a_legend_stands_within_its_figure(names):
    figure, _ = style.grid(["panel"])
    high = figure.get_figheight()
    style.legend_below(figure, [Line2D([], [], label=name) for name in names])
    (legend,) = figure.legends
    assert legend.get_window_extent().width <= figure.bbox.width
    assert figure.get_figheight() > high


def test_methods_are_told_apart_without_colours():
    looks = style.looks(f"method{i:02d}" for i in range(30))
    assert len({(look["color"], look["marker"]) for look in looks.values()}) == 30
    first = list(looks.values())[:5]
    assert len({look["marker"] for look in first}) == len({str(d["linestyle"]) for d in first}) == 5


def test_colours_stay_apart_for_the_colour_blind():
    """Every two colours differ by lightness or by what protan and deutan eyes still see."""
    for kind in ((0.56, 0.43), (0.625, 0.375)):  # how much of red and green falls together
        seen = [_confused(colour, *kind) for colour in style.COLOURS]
        for i, one in enumerate(seen):
            for other in seen[:i]:
                assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) > 0.008


def _confused(colour, red, green):
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red * r + green * g, b, 0.3 * r + 0.59 * g + 0.11 * b


def test_signed_metrics_are_shown_by_their_distance_from_zero():
    row = {"value": -0.2, "low": -0.3, "high": 0.1}
    assert unsigned(row) == {"value": 0.2, "low": 0.0, "high": 0.3}
    assert unsigned({**row, "high": -0.1}) == {"value": 0.2, "low": 0.1, "high": 0.3}


def test_what_is_drawn_can_be_chosen(tables):
    rows = read_tables(tables)["fairness"]
    chosen = fairness_rows(rows, Choice(metric="bur", attribution="classifier"))
    assert {row["attribution"] for row in chosen} == {"classifier"}
    one = of_one_set(chosen, "proportional")
    assert {r["calibration"].partition(".")[2] for r in one} == {"", "proportional"}


@pytest.mark.parametrize(
    ("names", "choice", "said"),
    [
        (("fairnes",), Choice(), "did you mean 'fairness'"),
        ((), Choice(metric="burr"), "did you mean 'bur'"),
        ((), Choice(attribution="token"), "did you mean 'tokens'"),
        ((), Choice(quality="rougel"), "did you mean 'rougeL'"),
    ],
)
def test_unknown_names_are_answered(tables, tmp_path, names, choice, said):
    with pytest.raises(FairpruneError, match=said):
        build_figures(tables, tmp_path, tmp_path, names, choice)


def test_a_file_that_is_no_table_is_refused(tables, tmp_path):
    copy = tmp_path / "tables"
    shutil.copytree(tables, copy, ignore=BY_HAND)
    (copy / "fairness.csv").write_text("a,b\n1,2\n")
    with pytest.raises(FairpruneError, match="write it again"):
        build_figures(copy, tmp_path, tmp_path, (), Choice())
