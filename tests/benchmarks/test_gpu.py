"""What is measured on a GPU runs on a CPU, too, at a small size: it is rehearsed here."""

from argparse import Namespace
from importlib import import_module

import pytest
from shared import SHARED, needs_shared

gpu = import_module("gpu")
OPTIONS = Namespace(
    shape="2m", depth=2, samples=4, tokens=64, device="cpu", shared=SHARED, parts=[]
)


@pytest.mark.long("of every part of the GPU's measurements")
@needs_shared
@pytest.mark.parametrize("part", gpu.PARTS)
def test_every_part_gives_its_rows(part, monkeypatch):
    if part == "masks":
        module = import_module("gpu_parts.masks")
        few = list(module.cases(SHARED / "golden" / module.FOLDER))[:3]
        monkeypatch.setattr(module, "cases", lambda _: few)
    found = gpu.run(part, OPTIONS)
    assert all(row["found"] and row["part"] == part for row in found)
    assert bool(found) == (part != "sparse")  # which is nothing without a card
    if part in ("masks", "same_bits"):
        assert all(row["reached"] for row in found)


def test_the_table_says_what_was_missed_and_what_failed():
    row = import_module("gpu_parts.row").row
    rows = [row("a", 2.0, most=1), row("b", 2.0, least=1, peak=10**9)]
    result = {
        "machine": {"gpu": "X", "torch": "2"},
        "parameters": {"shape": "2m"},
        "rows": [{"part": "p", **row} for row in rows],
        "failed": ["q"],
    }
    lines = gpu.table(result).splitlines()
    assert lines[0] == "Measured on: gpu X, torch 2; shape 2m." and "Failed: q." in lines
    assert lines[-2:] == ["| p | a | 2 s (missed) | ≤ 1 s |  |", "| p | b | 2 s | ≥ 1 s | 1.0 |"]
