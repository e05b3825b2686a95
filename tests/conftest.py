"""What all tests share."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from shared import SHARED

settings.register_profile("untimed", deadline=None)  # speed is for benchmarks, not for tests
settings.load_profile("untimed")

# Files with a test of one of these fixtures begin first, where files are tested side by side, and
# in one process, so that each is made once.
COSTLY = ("finished", "opinions", "demo", "results_folder")

left_out = Counter()  # what tests that are not run take, see the marker `long`


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Begin with what takes long, and keep together what shares something."""

    def costly(item):
        used = [n for n, name in enumerate(COSTLY) if name in getattr(item, "fixturenames", ())]
        return min(used, default=len(COSTLY))

    by_file: dict[Path, int] = {}
    for item in items:
        by_file[item.path] = min(costly(item), by_file.get(item.path, len(COSTLY)))
    items.sort(key=lambda item: by_file[item.path])
    for item in items:
        shared = COSTLY[by_file[item.path] :][:1]
        item.add_marker(pytest.mark.xdist_group(*shared or [str(item.path)]))


def pytest_deselected(items):
    """Count what is left out."""
    left_out.update(mark.args[0] for item in items for mark in item.iter_markers("long"))


def pytest_sessionfinish(session):
    """A process of pytest-xdist hands over what it has left out: each has seen all tests."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Take what such a process has left out."""
    for what, count in getattr(node, "workeroutput", {}).get("left_out", {}).items():
        left_out[what] = count


def pytest_terminal_summary(terminalreporter):
    """Say what was left out."""
    if left_out and terminalreporter.config.option.markexpr:
        said = ", ".join(f"{count} {what}" for what, count in sorted(left_out.items()))
        terminalreporter.write_line(f"left out, see `make test-long`: {said}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI everything that a test needs is there: a skip is a failure."""
    report = (yield).get_result()
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


@pytest.fixture(scope="session")
def real_model(pytestconfig) -> Path:
    """The folder of a real model of 135 million parameters, made once and kept for later runs."""
    tool = SHARED / "tools/real-model"
    if not tool.is_file():
        pytest.skip("no ../shared beside the checkout: no real model")
    folder = pytestconfig.cache.mkdir("real-model") / "smollm2"
    subprocess.run([sys.executable, tool, folder], check=True)
    return folder
