"""What all tests share."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from packages import installed
from shared import SHARED

settings.register_profile("untimed", deadline=None)  # speed is for benchmarks, not for tests
settings.load_profile("untimed")

# Files with a test of one of these fixtures begin first, where files are tested side by side.
COSTLY = ("finished", "opinions", "demo", "results_folder")
# Files that share one of these are one process's, so that it is made once.
SHARED_BY_FILES = re.compile(r"^def .*\b(finished|results_folder)\b", re.M)

left_out = Counter()  # what tests that are not run take, see the marker `long`


def pytest_collection_modifyitems(items):
    """Begin with what takes long."""

    def costly(item):
        used = [n for n, name in enumerate(COSTLY) if name in getattr(item, "fixturenames", ())]
        return min(used, default=len(COSTLY)), not item.get_closest_marker("long")

    items.sort(key=costly)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand out tests by file; files that share something costly together."""
    from xdist.scheduler import LoadScopeScheduling

    class ByWhatIsShared(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file = nodeid.partition("::")[0]
            shared = SHARED_BY_FILES.search((config.rootpath / file).read_text(encoding="utf-8"))
            return shared[1] if shared else file

    return ByWhatIsShared(config, log)


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


@pytest.fixture(scope="session")
def triton(tmp_path_factory) -> Path:
    """A folder that holds Triton, which comes with PyTorch's builds for CUDA alone."""
    return installed("triton==3.7.1", tmp_path_factory.mktemp("triton"))
