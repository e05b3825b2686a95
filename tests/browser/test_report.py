"""The report in Debian's Chromium: drawn, filtered, sorted, browsed, saved, read aloud, offline."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pypdfium2 import PdfDocument
from report.micro_results import GROUPS, make_results

from fairprune.report.build import build_report
from fairprune.report.find import find_results

pytestmark = pytest.mark.long("in a browser")

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PARTS = (
    *("console", "network", "pictures", "fits", "accessible", "filters", "sorting"),
    *("downloads", "browsing", "harmless", "keyboard"),
)


@pytest.fixture(scope="module")
def node():
    """The node program, with the modules of package-lock.json installed beside this file."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if not (program and npm and Path(CHROMIUM).is_file()):
        pytest.skip("chromium, node or npm is absent: the report is not tried in a browser")
    if not (HERE / "node_modules" / "playwright-core").is_dir():
        command = (npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"npm ci failed: {done.stderr.strip()[-300:]}")
    return program


def use(node: str, page: Path, *how: str) -> dict[str, list[str]]:
    """What `use_report.mjs` found: part → faults."""
    command = (node, str(HERE / "use_report.mjs"), str(page), *how)
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    return make_results(
        folder / "results",
        methods=("random", "wanda", "hgla"),
        sparsities=("0.50", "2of4"),
        sets=[f"{name}{seed}" for name in ("balanced", "other") for seed in ("", "-s43", "-s44")],
    )


@pytest.fixture(scope="module")
def faults(node, results):
    return use(node, build_report(find_results(results), results.parent / "report.html"))


@pytest.mark.parametrize("part", PARTS)
def test_the_report(faults, part):
    assert faults[part] == []


def test_every_part_is_tested(faults):
    assert set(faults) == set(PARTS)


@pytest.fixture(scope="module")
def paper(node, results, tmp_path_factory):
    """The report printed (folder), and what it shows on the screen."""
    folder = tmp_path_factory.mktemp("paper")
    page = build_report(find_results(results), folder / "report.html")
    return folder, use(node, page, "print", str(folder))


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_paper_holds_every_picture_and_column(paper, size):
    folder, shown = paper
    assert shown["console"] == []
    pdf = PdfDocument(folder / f"{size}.pdf")
    words = set("".join(page.get_textpage().get_text_range() for page in pdf).split())
    for picture, texts in shown["pictures"].items():
        named = re.findall(r"(?<!\S)[a-z]{3,}(?!\S)", " ".join(t for t in texts if "…" not in t))
        assert named or not texts
        assert set(named) - words == set(), picture
    assert set(" ".join(shown["columns"]).split()) - words == set()
    for number, page in enumerate(pdf):
        ink = 255 - np.asarray(page.render(scale=1, grayscale=True).to_numpy()).squeeze()
        assert ink.max() > 100, f"page {number + 1} is empty"
        border = np.concatenate(
            [ink[:20].ravel(), ink[-20:].ravel(), ink[:, :20].ravel(), ink[:, -20:].ravel()]
        )
        assert border.max() == 0, f"page {number + 1} goes over its edge"
        assert np.median(ink) == 0, f"page {number + 1} is dark"


def test_tables_can_be_read_on_paper(paper):
    """No table is less than half as large as on the screen."""
    zooms = paper[1]["zooms"]
    assert {"fairness", "quality", "bias"} <= {name for name, _ in zooms}
    assert min(zoom for _, zoom in zooms) >= 0.5, zooms


def test_on_paper_an_input_stands_with_its_heading(paper):
    texts = [page.get_textpage().get_text_range() for page in PdfDocument(paper[0] / "A4.pdf")]
    (page,) = (text for text in texts if text.startswith("Inputs and summaries"))
    assert "The 8 opinions" in page


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_one_page_to_hand_out(paper, size):
    pdf = PdfDocument(paper[0] / f"{size}-summary.pdf")
    assert len(pdf) == 1
    assert "of what people wrote is" in pdf[0].get_textpage().get_text_range()
    ink = 255 - np.asarray(pdf[0].render(scale=1, grayscale=True).to_numpy()).squeeze()
    assert ink[:, -100:].any(), "the page is half empty: it is smaller, and not as much wider"


def test_a_model_alone_and_groups_with_long_names(node, tmp_path, monkeypatch):
    """The unpruned model is looked at, and no name makes the page wider than the screen."""
    monkeypatch.setitem(GROUPS, "reviews", ["wrote twice and got no answer " * 3, "W" * 60])
    how = {"methods": ("random", "magnitude"), "sparsities": ("0.50",), "inputs": 6}
    folder = make_results(tmp_path / "results", **how)
    for number, variants in enumerate(([], ["tiny/dense/none/0.00"])):
        page = build_report(find_results(folder, variants), tmp_path / f"{number}.html")
        found = use(node, page, "look")
        if variants:
            assert set(found.pop("pictures")) == {"no picture is drawn"}
        assert all(faults == [] for faults in found.values()), found


@pytest.mark.parametrize("stages", [("language", "pruned"), ("fairness",), ("quality",)])
def test_a_run_that_holds_a_part_only(node, results, stages, tmp_path):
    """Language alone; fairness without comparisons, quality or cards; quality alone."""
    files = [p for s in stages for p in sorted((results / s).rglob("*")) if p.is_file()]
    manifest = tmp_path / "manifest"
    manifest.write_text("".join(f"{p}\n" for p in files))
    page = build_report(find_results(results, manifest=manifest), tmp_path / "report.html")
    found = use(node, page, "look")
    assert found == {part: [] for part in found}
