"""A run against published figures: a made-up table and made-up results, and the stored table."""

from itertools import pairwise

import pytest
import yaml
from workflow.conftest import ROOT

from compare_published import compare_published
from fairprune import config_file
from fairprune.errors import FairpruneError
from fairprune.io.cards import write_card
from fairprune.io.tables import write_json
from fairprune.report.published import read_published
from fairprune.report.reproduced import compare_published as compare
from fairprune.workflow import plan

STORED = ROOT / "data/published/llama-2-7b.yaml"
DRAWN = {"samples": 8, "length": 64, "windows": "longer"}
TABLE = {
    "model": "org/tiny",
    "conditions": {"corpus": "wiki", "window": 64, "beginning": "first", "calibration": DRAWN},
    "figures": [
        {"variant": "m/dense/none/0.00", "perplexity": 5.5, "tolerance": 0.02, "source": "a"},
        {"variant": "m/wanda/c4/0.50", "perplexity": 7.0, "tolerance": 0.05, "source": "b"},
        {"variant": "m/hgla/c4/0.50", "perplexity": 7.5, "tolerance": 0.05, "source": "b"},
    ],
}


def made(folder, measured, *, row=(), drawn=(), limits=(), model="org/tiny", table=TABLE):
    """A results folder with these perplexities, and the table."""
    results = folder / "results"
    for variant, value in measured.items():
        shown = {"corpus": "wiki", "window": 64, "beginning": "first", "perplexity": value}
        file = results / "language" / f"{variant}.json"
        other = {"corpus": "other", "window": 3, "beginning": "none", "perplexity": 1.0}
        write_json(file, {"perplexity": [other, {**shown, **dict(row)}], "zero_shot": []})
        parameters = {"limits": list(limits)}
        write_card(file, stage="evaluate_language", files=[file], parameters=parameters)
    calibration = results / "calibration/m/c4.safetensors"
    calibration.parent.mkdir(parents=True)
    calibration.write_bytes(b"ids")
    parameters = {**DRAWN, **dict(drawn), "mix": "proportional"}
    write_card(calibration, stage="prepare", files=[calibration], parameters=parameters)
    (results / "config.yaml").write_text(yaml.safe_dump({"models": {"m": {"id": model}}}))
    (folder / "table.yaml").write_text(yaml.safe_dump(table))
    return results, folder / "table.yaml"


NEAR = {"m/dense/none/0.00": 5.519, "m/wanda/c4/0.50": 6.951, "m/hgla/c4/0.50": 7.5}
LOST = {**NEAR, "m/dense/none/0.00": 5.521, "m/wanda/c4/0.50": 7.62, "m/hgla/c4/0.50": None}


def test_what_is_near_and_what_is_off(tmp_path):
    lines = compare(*made(tmp_path, NEAR))
    assert [line.split()[0] for line in lines[1:4]] == list(NEAR)
    assert lines[1].split()[1:5] == ["5.50", "5.519", "+0.019", "0.02"]
    assert all(line.endswith("as published") for line in lines[1:4])
    assert lines[4:] == ["3 of 3 as published, 0 off.", "The order is the published one."]


def test_off_is_said_with_how_much(tmp_path, capsys):
    results, table = made(tmp_path, {**LOST, "m/dense/none/0.00": 7.7})
    assert compare_published(results, table) is None
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[2:4] == ["7.700", "+2.200"] and lines[1].endswith("  off")
    assert lines[2].split()[2:4] == ["7.620", "+0.620"] and lines[2].endswith("  off")
    assert "infinite" in lines[3] and lines[3].endswith("  off")
    order = "m/wanda/c4/0.50 < m/dense/none/0.00 < m/hgla/c4/0.50"
    assert lines[4:] == ["0 of 3 as published, 3 off.", f"The order is another: {order}."]
    compare_published(results, table, tmp_path / "said.txt")
    assert (tmp_path / "said.txt").read_text().splitlines() == lines


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"measured": {"m/wanda/c4/0.50": 7.0}},
            r"has 1 of the 3 .*m/dense/none/0\.00\.json, .*missing",
        ),
        ({"row": {"window": 32}}, r"0\.00\.json: window 32, published with 64"),
        ({"row": {"beginning": "every"}}, "beginning 'every', published with 'first'"),
        ({"row": {"corpus": "news"}}, "no perplexity of wiki"),
        ({"drawn": {"samples": 4}}, r"c4\.safetensors: samples 4, published with 8"),
        ({"limits": ["other=3", "wiki=9"]}, "only a part was measured .limit wiki=9"),
        ({"model": "org/other"}, "m is org/other, published of org/tiny"),
        ({"table": {**TABLE, "extra": 1}}, "table.yaml, extra: Extra inputs"),
        ({"table": {**TABLE, "figures": []}}, "table.yaml, figures: List should have"),
    ],
)
def test_what_cannot_be_compared_is_one_line(tmp_path, change, says):
    results, table = made(tmp_path, **{"measured": NEAR} | change)
    with pytest.raises(FairpruneError, match=says):
        compare(results, table)


def test_the_stored_table_is_what_the_configuration_measures():
    table = read_published(STORED)
    config = config_file.read(ROOT / "config/published.yaml")
    assert {figure.variant for figure in table.figures} == set(map(str, plan.variants(config)))
    asked, drawn = config.language, config.calibration
    assert (asked.window, asked.beginning) == (table.conditions.window, table.conditions.beginning)
    assert asked.corpora == [table.conditions.corpus]
    assert {name: getattr(drawn, name) for name in DRAWN} == (
        table.conditions.calibration.model_dump()
    )
    assert config.models["llama-2-7b"].id == table.model
    published = sorted(figure.perplexity for figure in table.figures)
    apart = min(b - a for a, b in pairwise(published))
    assert all(figure.tolerance < apart for figure in table.figures)
