"""Nothing is swallowed, and nothing is read otherwise than it looks: CSV, YAML, JSON."""

import csv

import pytest
import yaml
from workflow.conftest import ROOT

from fairprune.errors import FairpruneError
from fairprune.io.csv_files import plain
from fairprune.io.table_files import read_table
from fairprune.io.tables import read_json, read_jsonl
from fairprune.io.yaml_files import read_yaml
from fairprune.report.csv_files import write_csv

ROWS = "".join(f"text {n},label\n" for n in range(100))

CSV = {
    "a quote that is never closed": (f'text,label\n"open,label\n{ROWS}', "line 2: a quote"),
    "a quote that another one closes": (
        f'text,label\nfine,a\n"open,a\n{ROWS}"closed",a\n', "line 3: a quote"),
    "text behind a quoted cell": ('text,label\n"a" b,c\n', "line 2: a quote"),
    "a column named twice": ("text,label,text\na,b,c\n", "line 1: two columns are called 'text'"),
    "a row cut off": ("text,label\na,b\n\nc,d\ne", "line 5, row 3: fewer cells"),
    "a row too long": ("text,label\na,b,c\n", "line 2, row 1: more cells"),
    "a row of several lines before the mistake": (
        'text,label\n"a\nb\nc",d\ne\n', "line 5, row 2: fewer"),
}  # fmt: skip

YAML = {
    "a key twice": ("seed: 1\nresults: r\nseed: 2\n", "line 3: the key 'seed' stands in line 1"),
    "a key twice, deep": (
        "methods:\n  wanda: {}\n  wanda: {group: row}\n", "line 3: the key 'wanda'"),
    "a key twice in one line": ("m: {a: 1, b: 2, a: 3}\n", "the key 'a'"),
    "octal": ("seed: 010\n", "line 1: YAML takes 010 for 8"),
    "base 60": ("a: 1\nsparsities: [0.5, 2:4]\n", "line 2: YAML takes 2:4 for 124"),
    "minutes": ("seed: 1:30\n", "YAML takes 1:30 for 90"),
}  # fmt: skip


@pytest.mark.parametrize("name", CSV)
def test_csv(name, tmp_path):
    text, says = CSV[name]
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(FairpruneError, match=says) as refused:
        read_table(tmp_path / "a.csv")
    assert str(refused.value).startswith(f"{tmp_path}/a.csv, line ")


def test_csv_as_it_is_written(tmp_path):
    cells = [["a", "b"], ["x, y", 'say "no"'], ["two\nlines", ""], ['5" screen', "ü"]]
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8-sig") as stream:
        csv.writer(stream).writerows(cells)
    assert [list(row.values()) for row in read_table(tmp_path / "a.csv").rows] == cells[1:]


@pytest.mark.parametrize("name", YAML)
def test_yaml(name, tmp_path):
    text, says = YAML[name]
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(FairpruneError, match=says) as refused:
        read_yaml(tmp_path / "a.yaml")
    assert str(refused.value).startswith(f"{tmp_path}/a.yaml, line ")


@pytest.mark.parametrize("file", sorted((ROOT / "config").glob("*.yaml")), ids=lambda f: f.name)
def test_yaml_as_it_is_shipped(file):
    assert read_yaml(file) == yaml.safe_load(file.read_text())


def test_yaml_that_looks_as_it_is(tmp_path):
    text = "a: &x {b: 0, c: 0x1F, d: -7, e: 1e-3, f: '010', g: 2of4}\nh: {<<: *x, b: 1}\n"
    (tmp_path / "a.yaml").write_text(text)
    assert read_yaml(tmp_path / "a.yaml") == yaml.safe_load(text)


def test_json_keys_twice(tmp_path):
    (tmp_path / "a.json").write_text('[{"a": {"b": 1, "b": 2}}]')
    with pytest.raises(FairpruneError, match="key 'b' stands there twice"):
        read_json(tmp_path / "a.json")
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": 1, "a": 2}\n')
    with pytest.raises(FairpruneError, match=r"line 2: .*key 'a' stands there twice"):
        read_jsonl(tmp_path / "a.jsonl")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_formulas_are_texts(text):
    assert plain(text) == f"'{text}"
    assert plain("a=1") == "a=1"


def test_tables_run_nothing(tmp_path):
    """A label may be anything; numbers stay numbers."""
    rows = [{"stratum": "=cmd|' /C calc'!A0-heavy", "value": -0.5, "n": 3, "name": "-only"}]
    write_csv(tmp_path / "t.csv", rows, ["stratum", "value", "n", "name"])
    assert list(read_table(tmp_path / "t.csv").rows[0].values()) == [
        "'=cmd|' /C calc'!A0-heavy", "-0.5", "3", "'-only",
    ]  # fmt: skip
