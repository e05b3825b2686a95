"""Every refusal of a file is the line of a case: `cases/refusals.jsonl`."""

import json
from pathlib import Path

import pytest
from data.refusing import refuse

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases/refusals.jsonl").read_text().splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_refusal(case, tmp_path):
    line = refuse(case, tmp_path)
    assert line == case["line"]
    assert "\n" not in line
    assert {path.name for path in tmp_path.iterdir()} <= {case["file"]}
