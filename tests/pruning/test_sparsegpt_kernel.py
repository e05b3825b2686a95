"""The kernel by Triton's interpreter against float64, and what its compiler makes of it."""

from pathlib import Path

import pytest
from triton_cases import LEAST_SHARED, run

pytestmark = pytest.mark.long("of a kernel in Triton's interpreter")

CASES = Path(__file__).with_name("sparsegpt_kernel_cases.py")


def test_it_does_what_float64_does_column_by_column(triton):
    found = run(triton, CASES, "numbers", TRITON_INTERPRET="1")
    assert len(found["differences"]) == 8
    for case, each in found["differences"].items():
        assert each["masks"] == 1, case
        assert max(each["weights"], each["errors"]) < 1e-4, case
    assert {what for what, holds in found["same"].items() if not holds} == set()


def test_it_compiles_for_cards(triton):
    for case, made in run(triton, CASES, "compiled").items():
        assert made["shared"] <= LEAST_SHARED and not made["spilled"], case
        assert made["registers"] > 96, case  # or what is spilled was not read
