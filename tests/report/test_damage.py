"""Tables, figures and the report are made of nothing that is not what its card says."""

import json
import shutil

import pytest
from faults.harness import Bench
from report.micro_results import make_results

from fairprune.io.atomic import write_text
from fairprune.io.cards import card_path, read_card, write_card
from fairprune.io.table_files import read_table
from fairprune.report.names import TABLES
from fairprune.report.tables import COLUMNS


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A small run's results with their tables."""
    folder = tmp_path_factory.mktemp("damage")
    make_results(folder / "results", methods=("wanda",), sparsities=("0.50",), inputs=3)
    done = Bench(folder).entry("build_tables", "--results", "results", "--output", "results/tables")
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def bench(whole, tmp_path):
    return Bench(shutil.copytree(whole, tmp_path / "copy"))


VARIANT = "tiny/wanda/reviews.balanced/0.50"
JUDGED = {
    "pruned": f"pruned/{VARIANT}/card.json",
    "fairness": f"fairness/{VARIANT}/reviews.json",
    "quality": f"quality/{VARIANT}/reviews.json",
    "language": f"language/{VARIANT}.json",
    "comparisons": "comparisons/tiny/reviews.parquet",
    "summaries": f"summaries/{VARIANT}/reviews/test.jsonl",
    "task": "tasks/reviews/test.parquet",
    "annotation": "annotation/tiny/reviews/results.json",
}
BROWSED = ("summaries", "task")  # what only the report reads


def _edit(path):
    data = path.read_bytes()
    place = max(data.rfind(b"0"), len(data) // 2)
    path.write_bytes(data[:place] + b"1" + data[place + 1 :])


@pytest.mark.parametrize(
    ("entry", "stage"),
    [("build_report", stage) for stage in JUDGED]
    + [("build_tables", stage) for stage in JUDGED if stage not in BROWSED],
)
def test_an_edited_result_is_refused(bench, entry, stage):
    _edit(bench.path(f"results/{JUDGED[stage]}"))
    line = bench.entry(entry, "--results", "results", "--output", "out/x.html").error
    assert "snakemake" in line and f"--force results/{JUDGED[stage]}" in line


@pytest.mark.parametrize("stage", ["fairness", "language", "comparisons", "summaries", "task"])
def test_a_missing_card_is_damage(bench, stage):
    """Else an edited result would go through without one."""
    path = bench.path(f"results/{JUDGED[stage]}")
    _edit(path)
    card_path(path).unlink()
    line = bench.entry("build_report", "--results", "results", "--output", "out/x.html").error
    assert "has no card" in line and f"--force results/{JUDGED[stage]}" in line


def test_an_edited_table_is_drawn_nowhere(bench):
    assert tuple(COLUMNS) == TABLES
    for name in TABLES:
        assert read_card(bench.path(f"results/tables/{name}.csv"))["stage"] == "build_tables"
    table = bench.path("results/tables/fairness.csv")
    table.write_text(table.read_text().replace("wanda", "magic"))
    figures = ("build_figures", "--tables", "results/tables", "--output", "out")
    assert "results/tables/fairness.csv has changed" in bench.entry(*figures).error
    card_path(table).unlink()
    assert "results/tables/fairness.csv has no card" in bench.entry(*figures).error


def test_the_report_has_a_card(bench):
    done = bench.entry("build_report", "--results", "results", "--output", "results/report.html")
    assert done.code == 0, done.err
    card = json.loads(bench.path("results/report.html.card.json").read_text())
    assert list(card["files"]) == ["report.html"] and card["inputs"]["results"]


def test_perplexity_on_what_calibrated_is_marked(bench):
    """By the texts' digests: the name of the corpus may be another than that of the set."""
    text = bench.path("wiki.txt")
    text.write_text("Once upon a time.")
    windows = bench.path("results/calibration/tiny/reviews.balanced.safetensors")
    write_text(windows, "windows")
    write_card(windows, stage="prepare_calibration", files=[windows], parameters={},
               inputs={"texts": text})  # fmt: skip
    for method in ("dense/none/0.00", "wanda/reviews.balanced/0.50"):
        file = bench.path(f"results/language/tiny/{method}.json")
        write_card(file, stage="evaluate_language", files=[file], parameters={},
                   inputs={"corpus stories": text})  # fmt: skip
    for entry, output in (("build_tables", "results/tables"), ("build_report", "r.html")):
        done = bench.entry(entry, "--results", "results", "--output", output)
        assert done.code == 0, done.err
    rows = read_table(bench.path("results/tables/language.csv")).rows
    marked = {(row["method"], row["kind"]) for row in rows if row["calibrated_on"]}
    assert marked == {("wanda", "perplexity")}
    assert "some variants were calibrated on stories" in bench.path("r.html").read_text()
