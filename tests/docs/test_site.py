"""The documentation: whole, generated from the code, and read without a network."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fairprune.fairness.declare import ATTRIBUTIONS, metric_names
from fairprune.pruning.declare import ALLOCATIONS, REFINEMENTS, SCORES

ROOT = Path(__file__).resolve().parents[2]
LOADED = re.compile(
    r"""<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=["']?(?:https?:)?//|"""
    r"""url\(["']?(?:https?:)?//|@import\s+["'](?:https?:)?//""",
    re.I,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built strictly."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


FORGE = "../../actions/"  # a forge's own pages, beside the file as it shows it


def test_nothing_is_loaded_from_elsewhere(site):
    for file in (*site.rglob("*.html"), *site.rglob("*.css")):
        assert not LOADED.search(file.read_text(encoding="utf-8")), file.relative_to(site)


@pytest.mark.parametrize("text", ['<script src="https://x/y.js">', "<link href=//x>", "url(//x)"])
def test_a_load_from_elsewhere_would_be_found(text):
    assert LOADED.search(text)
    assert not LOADED.search('<a href="https://arxiv.org/">')


def test_every_method_and_metric_has_a_page(site):
    for name in SCORES.names():
        assert (site / f"methods/{name}.html").is_file()
    for kind, registry in (("allocation", ALLOCATIONS), ("refinement", REFINEMENTS)):
        for name in registry.names():
            assert (site / f"{kind}s/{name}.html").is_file()
    for name in ATTRIBUTIONS.names():
        assert (site / f"attributions/{name}.html").is_file()
    for name in metric_names():
        assert (site / f"metrics/{name}.html").is_file()
    page = (site / "methods/hgla.html").read_text()
    for said in ("score.form", "Huang et al., EMNLP 2025", "high gradient, low activation"):
        assert said.lower() in page.lower()


def test_every_key_of_the_configuration_is_described(site):
    page = (site / "configuration.html").read_text()
    schema = json.loads((ROOT / "config/schema.json").read_text())
    models = [schema, *schema["$defs"].values()]
    for key in {key for model in models for key in model.get("properties", {})}:
        assert f"<code>{key}</code>" in page, key


def test_pages_of_the_repository_are_there_and_in_the_menu(site):
    index = (site / "index.html").read_text()
    pages = [path.stem for path in (ROOT / "docs").glob("*.md")]
    for name in (*pages, "formats", "contributing", "changelog"):
        assert f'href="{name}.html"' in index, name


def test_search_works_from_a_folder(site):
    """The index lies in a script, and the worker's stand-in is a file of the site."""
    assert (site / "search/search_index.js").read_text().startswith("var __index = ")
    assert 'src="assets/iframe-worker.js"' in (site / "index.html").read_text()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium")
def test_a_browser_reads_it_from_the_folder(site):
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000",
         "--dump-dom", f"file://{site}/index.html?q=sparsegpt"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert re.search(r"\d+ matching document", done.stdout)


def test_links_of_the_repositorys_own_pages_lead_somewhere():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "data/README.md"):
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith(("https://", FORGE)):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_citation_names_this_and_the_three_papers():
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "references"} <= found.keys()
    papers = [entry["url"].rpartition("/")[2] for entry in found["references"]]
    assert papers == ["2508.17610", "2311.04902", "2411.07066"]
    assert "Changes results" in (ROOT / "CHANGELOG.md").read_text()


def test_configurations_explain_their_keys_and_name_their_schema():
    for file in (ROOT / "config").glob("*.yaml"):
        assert file.read_text().startswith("# yaml-language-server: $schema=schema.json\n")


def rounded(value):
    """A perplexity to three digits, as the pages show it."""
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 100 else f"{value:.3g}"


def test_the_page_on_hgla_has_the_figures_of_the_benchmark():
    page = (ROOT / "docs/hgla.md").read_text(encoding="utf-8")
    found = json.loads((ROOT / "benchmarks/results/each_method.json").read_text())["perplexity"]
    assert f"unpruned model has {rounded(found['dense']['0.00'])}." in page.replace("\n", " ")
    compared = ("magnitude", "wanda", "sparsegpt", "gblm", "gradient", "hgla", "hgla-repository")
    for name in compared:
        cells = [rounded(found[name][share]) for share in ("0.10", "0.20", "0.30", "0.50")]
        assert "| " + " | ".join([f"`{name}`", *cells]) + " |" in page


def test_the_table_of_what_goes_with_what_is_right(site):
    page = (site / "combinations.html").read_text()
    assert page.count("✓") > 80
    for reason in ("selects over the whole layer", "nothing is left to allocate"):
        assert reason in page


def test_readmes_figures_are_those_of_the_benchmarks():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    measured = ROOT / "benchmarks/results"
    each = json.loads((measured / "each_method.json").read_text())
    for way, figures in each["ways"].items():
        name = way.rpartition(" + ")[2]
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
        seconds, memory = figures["median_processor_seconds"], figures["peak_bytes"] / 2**20
        left = each["perplexity"][way].get("0.50")
        shown = "" if left is None else rounded(left)
        assert row.endswith(f"| {seconds:.0f} | {memory:.0f} | {shown} |"), row
    sizes = json.loads((measured / "packing.json").read_text())["bytes"]
    for sparsity, found in sizes.items():
        share = "dense" if sparsity == "dense" else f"{float(sparsity):.0%}"
        row = next(line for line in text.splitlines() if line.startswith(f"| {share} |"))
        archive = found if sparsity == "dense" else found["exported model"]
        assert all(f"| {archive[kind] / 1e6:.1f} MB" in row for kind in ("plain", "gzip", "zstd"))
