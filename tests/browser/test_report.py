"""The report in Debian's Chromium: drawn, filtered, sorted, browsed, saved, read aloud, offline."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from report.micro_results import make_results

from fairprune.report.page import build_report
from fairprune.report.results import find_results

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


def use(node: str, page: Path) -> dict[str, list[str]]:
    """What `use_report.mjs` found: part → faults."""
    command = (node, str(HERE / "use_report.mjs"), str(page))
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def faults(node, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    results = make_results(
        folder / "results",
        methods=("random", "wanda", "hgla"),
        sparsities=("0.50", "2of4"),
        sets=("balanced", "balanced-s43", "proportional", "proportional-s43"),
    )
    page = folder / "report.html"
    return use(node, build_report(find_results(results), page))


@pytest.mark.parametrize("part", PARTS)
def test_the_report(faults, part):
    assert faults[part] == []


def test_every_part_is_tested(faults):
    assert set(faults) == set(PARTS)
