"""Quality against the dense model, on tables small enough to work out by hand."""

import pyarrow as pa
import pytest

from fairprune.errors import FairpruneError
from fairprune.io.tables import write_json, write_parquet
from fairprune.report.find import find_results
from fairprune.report.quality import compare_quality

SCHEMA = pa.schema([("id", pa.string()), ("rouge1", pa.float64()), ("validity", pa.float64())])


def results(folder, **scores):
    """A results folder with one task and variants `m/METHOD/none/SPARSITY` of given scores."""
    for name, rows in scores.items():
        sparsity = "0.00" if name == "dense" else "0.50"
        file = folder / "quality" / "m" / name / "none" / sparsity / "t.json"
        write_json(file, {"metrics": []})
        table = [{"id": f"i{n}", "rouge1": r, "validity": v} for n, (r, v) in enumerate(rows)]
        write_parquet(file.with_suffix(".parquet"), table, SCHEMA)
    return find_results(folder)


def test_a_steady_loss_is_worse_and_no_change_is_equivalent(tmp_path):
    dense = [(0.5 + 0.01 * (n % 5), 1.0) for n in range(10)]
    worse = [(r - 0.2, 1.0) for r, _ in dense]
    found = compare_quality(results(tmp_path, dense=dense, lost=worse, same=dense))
    lost = found["m/lost/none/0.50", "t", "rouge1"]
    # All ten pairs lose the same: the interval is a point, and of 2^10 swaps 2 are as extreme.
    assert lost["difference"] == pytest.approx(-0.2)
    assert lost["difference_low"] == lost["difference_high"] == pytest.approx(-0.2)
    assert lost["p_value"] == pytest.approx(2 / 2**10)
    assert lost["p_holm"] == pytest.approx(2 * 2 / 2**10)
    assert lost["verdict"] == "worse"
    same = found["m/same/none/0.50", "t", "rouge1"]
    assert (same["difference"], same["p_value"], same["verdict"]) == (0, 1, "undecided")  # ten


def test_better_is_higher(tmp_path):
    dense = [(0.3, 1.0)] * 12
    found = compare_quality(results(tmp_path, dense=dense, up=[(0.4, 1.0)] * 12))
    assert found["m/up/none/0.50", "t", "rouge1"]["verdict"] == "better"


def test_validity_is_tested_on_the_pairs_that_differ(tmp_path):
    dense = [(0.3, 1.0)] * 10
    broken = [(0.3, 0.0)] * 6 + [(0.3, 1.0)] * 4
    found = compare_quality(results(tmp_path, dense=dense, broken=broken))
    row = found["m/broken/none/0.50", "t", "validity"]
    assert row["difference"] == pytest.approx(-0.6)
    assert row["p_value"] == pytest.approx(2 * 0.5**6)
    assert row["verdict"] == "worse"


def test_inputs_without_a_value_are_left_out_and_a_task_without_references_has_none(tmp_path):
    dense = [(0.5, 1.0), (None, 1.0), (0.5, 1.0)]
    other = [(0.6, 1.0), (0.9, 1.0), (None, 1.0)]
    found = compare_quality(results(tmp_path / "a", dense=dense, other=other))
    row = found["m/other/none/0.50", "t", "rouge1"]
    assert row["difference"] == pytest.approx(0.1)
    assert row["difference_low"] is None  # one pair says nothing about the others
    assert row["verdict"] == "not judged"
    none = [(None, 1.0)] * 3
    found = compare_quality(results(tmp_path / "b", dense=none, other=none))
    assert {metric for *_, metric in found} == {"validity"}


def test_without_a_dense_model_nothing_is_compared(tmp_path):
    assert compare_quality(results(tmp_path, other=[(0.5, 1.0)])) == {}


def test_different_inputs_are_refused(tmp_path):
    given = results(tmp_path, dense=[(0.5, 1.0)] * 2, other=[(0.5, 1.0)] * 3)
    with pytest.raises(FairpruneError, match="different inputs"):
        compare_quality(given)
