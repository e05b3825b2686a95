"""Compressed models in tables, on the page and in figures: at the share of zeros that they have."""

import pytest
from report.micro_results import make_results

from fairprune.figures.data import Choice, read_tables
from fairprune.figures.latex import write_tables
from fairprune.figures.layers import layers
from fairprune.figures.lines import fairness
from fairprune.figures.matrices import verdicts
from fairprune.io.variants import Variant
from fairprune.report.content import content
from fairprune.report.find import find_results
from fairprune.report.sentences import sentences
from fairprune.report.tables import build_tables, tables

Q4 = Variant("tiny", "q4", "none", "given")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("given") / "results"
    chosen = {"methods": ("magnitude",), "sparsities": ("0.30", "2of4"), "compressed": ("q4",)}
    return find_results(make_results(folder, **chosen, inputs=6))


def test_their_rows(results):
    found = tables(results)
    rows = {n: [row for row in t if row.get("method") == "q4"] for n, t in found.items()}
    (cost,) = rows["costs"]
    assert (cost["parameters"], cost["disk_mb"], cost["bits_per_weight"]) == (900_000, 0.5, 4.5)
    assert (cost["actual_sparsity"], cost["kept_mb"]) == (1 / 3, 0.0004)
    assert {row["actual_sparsity"] for row in rows["pruning"]} == {1 / 3}
    judged = [row for row in rows["fairness"] if row.get("primary")]
    assert {(row["task"], row["sparsity"]) for row in judged} == {
        *(("reviews", "given"), ("politics", "given")),
    }
    assert all(row["verdict"] for row in judged)
    assert not [row for row in found["overlap"] if "q4" in (row["method"], row["other_method"])]
    assert [row["sparsity"] for row in rows["language"]][:1] == ["given"]


def test_on_the_page(results):
    page = content(results, 3)
    (given,) = [row for row in page["variants"] if row["name"] == str(Q4)]
    assert (given["fraction"], given["pattern"]) == (1 / 3, "given")
    assert "q4" in page["methods"]
    assert any(row["text"].startswith("q4 as given: ") for row in page["sentences"])


def test_what_keeps_fairness_in_words():
    row = {"model": "m", "task": "t", "stratum": "all", "attribution": "tokens", "primary": True}
    row |= {"metric": "uer_excess", "calibration": "none", "verdict": "equivalent", "reason": ""}
    row |= {"marks": "", "broken": False}
    given = row | {"method": "q4", "sparsity": "given"}
    pruned = row | {"method": "wanda", "sparsity": "0.30"}

    def said(*rows):
        return [row["text"] for row in sentences(rows, [], [], [], None) if row["kind"] == "answer"]

    both = (
        "The sparsest that keeps fairness: wanda at 0.30. Compressed models that keep fairness: q4."
    )
    assert said(given, pruned)[-1] == both
    assert said(given)[-1] == "Compressed models that keep fairness: q4."
    assert said(given | {"verdict": "worse"})[-1] == "None is known to keep fairness."


def test_in_figures(results, tmp_path):
    build_tables(results, tmp_path)
    rows = read_tables(tmp_path)
    assert {row["fraction"] for row in rows["fairness"] if row["variant"] == Q4} == {1 / 3}
    assert {row["fraction"] for row in rows["quality"] if row["method"] == "magnitude"} == {
        0.3,
        0.5,
    }
    drawn = fairness(rows, Choice(metric="uer_excess"))
    for axes in drawn.axes:
        assert [line for line in axes.lines if list(line.get_xdata()) == [1 / 3]]
    matrix = verdicts(rows, Choice(metric="uer_excess"))
    assert [label.get_text() for label in matrix.axes[0].get_xticklabels()][-1] == "given"
    lines = layers(rows, Choice()).axes[0].lines
    assert [line for line in lines if set(line.get_ydata()) == {1 / 3}]
    write_tables(rows, Choice(metric="uer_excess"), tmp_path)
    assert r"0.30 & 2:4 & given \\" in (tmp_path / "fairness.tex").read_text()
