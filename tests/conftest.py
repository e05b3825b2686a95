"""What all tests share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from shared import SHARED

settings.register_profile("untimed", deadline=None)  # speed is for benchmarks, not for tests
settings.load_profile("untimed")


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
