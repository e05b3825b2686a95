"""The kernel by Triton's interpreter against float64, and what its compiler makes of it."""

from pathlib import Path

import pytest
from triton_cases import LEAST_SHARED, run

pytestmark = pytest.mark.long("of a kernel in Triton's interpreter")

CASES = Path(__file__).with_name("norm_kernel_cases.py")


def test_sums_are_those_of_float64(triton):
    """Within what float32 sums may be off; and to the last bit the same where they must be."""
    found = run(triton, CASES, "numbers", TRITON_INTERPRET="1")
    assert len(found["errors"]) == 3 * 4 * 4
    assert {case: share for case, share in found["errors"].items() if not share <= 1} == {}
    assert {what for what, holds in found["same"].items() if not holds} == set()


def test_it_compiles_for_cards(triton):
    for case, made in run(triton, CASES, "compiled").items():
        assert made["shared"] <= LEAST_SHARED, case
        assert made["on tensor cores"] and not made["rounded to TF32"], case
