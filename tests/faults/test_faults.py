"""Every fault ends in the right bytes or in one clear refusal, as docs/faults.md says."""

import importlib
import os
import pkgutil

import pytest

from faults import kinds
from faults.harness import FAULTS, PAGE, row, write_row

pytestmark = pytest.mark.long("of faults")

for module in pkgutil.iter_modules(kinds.__path__):
    importlib.import_module(f"faults.kinds.{module.name}")


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name, bench):
    line = row(name, FAULTS[name].inject(bench))
    if os.environ.get("WRITE_FAULTS"):
        write_row(line)
    assert line in PAGE.read_text(encoding="utf-8").splitlines(), "run make faults"


def test_the_page_lists_these_faults_and_no_others():
    assert len(FAULTS) >= 24
    rows = [r for r in PAGE.read_text(encoding="utf-8").splitlines() if r.startswith("| ")][1:]
    listed = [" | ".join(r.removeprefix("| ").split(" | ")[:2]) for r in rows]
    assert listed == [f"{fault.where} | {fault.injected}" for fault in FAULTS.values()]
