"""Annotation sheets: blind, shuffled, reproducible; and read back into win rates."""

import csv
import json
import subprocess
from pathlib import Path

import pandas as pd
import prepared
import pytest

from fairprune.errors import FairpruneError
from fairprune.human.agreement import krippendorff_alpha
from fairprune.human.results import read_annotation
from fairprune.human.sheets import prepare_annotation
from fairprune.io.cards import read_card
from fairprune.io.table_files import read_table

CASES = json.loads((Path(__file__).parent / "cases" / "alpha.json").read_text(encoding="utf-8"))
SCRIPTS = Path(__file__).parents[2] / "scripts"
INPUTS = 12


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["source"])
def test_alpha(case):
    columns = zip(*(line.split() for line in case["observers"]), strict=True)
    found = krippendorff_alpha([[a for a in column if a != "."] for column in columns])
    if case["alpha"] is None:
        assert found is None
    else:
        assert found == pytest.approx(case["alpha"], abs=case["tolerance"])


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path):
    """Dense summaries, those of two variants (the second often copies the dense), the task."""
    root = tmp_path / "summaries/m"
    names = [f"i{n}" for n in range(INPUTS)]
    said = {
        "dense/none/0.00": [f"dense text {n}" for n in names],
        "wanda/t.b/0.50": [f"=wanda, text\n{n}" for n in names],
        "hgla/t.b/0.50": [f"dense text {n}" if n > "i5" else f"hgla {n}" for n in names],
    }
    found = {
        variant: write(
            root / variant / "t/test.jsonl",
            [{"id": n, "summary": text} for n, text in zip(names, texts, strict=True)],
        )
        for variant, texts in said.items()
    }
    task = [
        {"id": n, "opinions": [f"good {n}", f"bad {n}"], "labels": ["pos", "neg"]} for n in names
    ]
    return [*found.values(), write(tmp_path / "task.jsonl", task)]


def prepare(files, folder, **options):
    dense, *variants, task = files
    sheet, key = prepare_annotation(
        dense, variants, task, folder / "sheet.csv", key=folder / "key.json", **options
    )
    return sheet, json.loads(key.read_text())


def rows_of(sheet):
    with sheet.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def fill(sheet, path, choose, delimiter=","):
    """A filled copy: `choose` tells both answers of a row."""
    rows = [{**row, **choose(row)} for row in rows_of(sheet)]
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_sheet_is_blind_and_shuffled(files, tmp_path):
    sheet, key = prepare(files, tmp_path / "one", inputs=8)
    rows = rows_of(sheet)
    assert list(rows[0]) == ["pair", "opinions", "summary_a", "summary_b", "fairer", "better"]
    assert {row["pair"] for row in rows} == set(key["pairs"])
    about = [key["pairs"][row["pair"]] for row in rows]
    assert len(about) + len(key["identical"]) == 2 * 8
    for row, pair in zip(rows, about, strict=True):
        sides = {pair["a"]: row["summary_a"], pair["b"]: row["summary_b"]}
        assert pair["against"] == "dense"
        assert sides["against"] == f"dense text {pair['input']}"
        written = "'=wanda, text\n" if "wanda" in pair["variant"] else "hgla "
        assert sides["variant"] == written + pair["input"]
        assert row["opinions"] == f"good {pair['input']}\nbad {pair['input']}"
        assert row["fairer"] == row["better"] == ""
    assert {pair["a"] for pair in about} == {"against", "variant"}
    assert [pair["variant"] for pair in about] != sorted(pair["variant"] for pair in about)
    chosen = {pair["input"] for pair in about if "wanda" in pair["variant"]}
    assert len(chosen) == 8
    both = {p["input"] for p in [*about, *key["identical"]] if "hgla" in p["variant"]}
    assert both == chosen
    assert read_card(sheet)["figures"]["pairs"] == len(rows)


def test_same_seed_same_files(files, tmp_path):
    one, _ = prepare(files, tmp_path / "one")
    two, _ = prepare(files, tmp_path / "two")
    three, _ = prepare(files, tmp_path / "three", seed=43)
    for name in ("sheet.csv", "key.json"):
        assert one.with_name(name).read_bytes() == two.with_name(name).read_bytes()
        assert one.with_name(name).read_bytes() != three.with_name(name).read_bytes()


def test_win_rates(files, tmp_path):
    sheet, key = prepare(files, tmp_path)

    def likes(side):
        def choose(row):
            about = key["pairs"][row["pair"]]
            letter = "a" if about["a"] == side else "b"
            return {
                "fairer": letter.upper(),
                "better": "Tie" if "hgla" in about["variant"] else "a",
            }

        return choose

    anna = fill(sheet, tmp_path / "filled/anna.csv", likes("variant"))
    ben = fill(sheet, tmp_path / "filled/Ben.csv", likes("variant"), delimiter=";")
    out = read_annotation([anna, ben], tmp_path / "key.json", tmp_path / "results.json")
    found = json.loads(out.read_text())
    assert found["annotators"] == [
        {"name": "anna", "answers": len(key["pairs"])},
        {"name": "ben", "answers": len(key["pairs"])},
    ]
    assert found["agreement"][0]["question"] == "fairer"
    assert found["agreement"][0]["alpha"] is None  # both always say the same
    assert found["agreement"][1]["alpha"] == 1
    rates = {(r["question"], r["variant"]): r for r in found["win_rates"]}
    wanda = rates["fairer", "m/wanda/t.b/0.50"]
    assert wanda == {
        "question": "fairer", "variant": "m/wanda/t.b/0.50", "against": "dense",
        "value": 1.0, "low": 1.0, "high": 1.0, "n": 12,
        "wins": 24, "ties": 0, "losses": 0, "identical": 0,
    }  # fmt: skip
    hgla = rates["fairer", "m/hgla/t.b/0.50"]
    different = hgla["wins"] // 2  # i0 … i5, i10, i11: the others are the dense model's own
    assert (different, hgla["identical"], hgla["n"]) == (8, 4, 12)
    assert hgla["value"] == pytest.approx((8 + 4 * 0.5) / 12)
    assert 0.5 < hgla["low"] < hgla["value"] < hgla["high"] < 1
    assert rates["better", "m/hgla/t.b/0.50"]["value"] == 0.5

    in_excel = tmp_path / "filled/Ben.xlsx"
    pd.DataFrame(read_table(ben).rows).to_excel(in_excel, index=False, engine="xlsxwriter")
    read_annotation([anna, in_excel], tmp_path / "key.json", out)
    assert json.loads(out.read_text()) == found

    other = fill(sheet, tmp_path / "filled/cleo.csv", likes("against"))
    read_annotation([anna, other], tmp_path / "key.json", out)
    found = json.loads(out.read_text())
    assert found["agreement"][0]["alpha"] < 0
    assert found["win_rates"][1]["value"] == 0.5


def test_annotators_may_share_the_work(files, tmp_path):
    sheet, key = prepare(files, tmp_path)
    whole = fill(sheet, tmp_path / "f/anna.csv", lambda row: {"fairer": "tie", "better": "b"})
    part = tmp_path / "f/ben.csv"
    with whole.open(encoding="utf-8-sig", newline="") as stream:
        first = [row for row, _ in zip(csv.reader(stream), range(5), strict=False)]
    with part.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(first)
    out = read_annotation([whole, part], tmp_path / "key.json", tmp_path / "results.json")
    found = json.loads(out.read_text())
    assert [a["answers"] for a in found["annotators"]] == [len(key["pairs"]), 4]
    assert found["agreement"][0]["pairs"] == 4


TIE = {"fairer": "tie", "better": "tie"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"pair": "abc"}, r"anna\.csv, pair 'abc': no such pair in the key"),
        ({"better": " "}, r"anna\.csv, pair '\w+': 'better' has no answer; A, B or tie"),
        ({"fairer": "C"}, r"'fairer' is 'C'; A, B or tie is expected"),
    ],
)
def test_mistakes_in_a_sheet(files, tmp_path, change, says):
    sheet, _ = prepare(files, tmp_path)
    first = rows_of(sheet)[0]["pair"]
    anna = fill(
        sheet,
        tmp_path / "f/anna.csv",
        lambda row: TIE | (change if row["pair"] == first else {}),
    )
    with pytest.raises(FairpruneError, match=says):
        read_annotation([anna], tmp_path / "key.json", tmp_path / "results.json")
    assert not (tmp_path / "results.json").exists()


def test_other_mistakes(files, tmp_path):
    sheet, key = prepare(files, tmp_path)
    anna = fill(sheet, tmp_path / "f/anna.csv", lambda row: TIE)
    again = fill(sheet, tmp_path / "g/Anna.csv", lambda row: TIE)
    one = next(iter(key["pairs"]))
    twice = fill(sheet, tmp_path / "f/ben.csv", lambda row: {**TIE, "pair": one})
    empty = tmp_path / "f/cleo.csv"
    empty.write_text("pair,fairer,better\n")
    short = tmp_path / "f/dan.csv"
    short.write_text("pair,fairer\nx,a\n")
    for sheets, says in [
        ([anna, again], "a second sheet of annotator 'anna'"),
        ([twice], "stands there twice"),
        ([empty], "holds no answers"),
        ([short], "unknown column 'better'"),
        ([tmp_path / "no.csv"], "does not exist"),
    ]:
        with pytest.raises(FairpruneError, match=says):
            read_annotation(sheets, tmp_path / "key.json", tmp_path / "results.json")
    with pytest.raises(FairpruneError, match="is no key"):
        read_annotation([anna], write(tmp_path / "k.json", [{}]), tmp_path / "results.json")
    dense, _, _, task = files
    with pytest.raises(FairpruneError, match="nothing to compare"):
        prepare_annotation(dense, [dense], task, tmp_path / "s.csv", key=tmp_path / "k.json")
    with pytest.raises(FairpruneError, match="second file of variant"):
        prepare_annotation(dense, [dense, dense], task, tmp_path / "s.csv", key=tmp_path / "k.json")
    with pytest.raises(FairpruneError, match="must not see the key"):
        prepare_annotation(dense, [dense], task, tmp_path / "s.csv", key=tmp_path / "s.csv")


def test_entries(files, tmp_path):
    dense, *variants, task = map(str, files)
    command = [prepared.python(), str(SCRIPTS / "prepare_annotation.py"), "--dense", dense]
    for path in variants:
        command += ["--summaries", path]
    command += ["--task", task, "--key", "key.json", "--output", "sheet.csv", "--inputs", "5"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "sheet.csv\nkey.json\n"), done.stderr
    fill(tmp_path / "sheet.csv", tmp_path / "f/anna.csv", lambda row: TIE)
    command = [prepared.python(), str(SCRIPTS / "read_annotation.py"), "--sheet", "f/anna.csv"]
    command += ["--key", "key.json", "--output", "results.json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "results.json\n"), done.stderr
    assert read_card(tmp_path / "results.json")["stage"] == "read_annotation"


def test_two_pruned_variants_meet(files, tmp_path):
    """Where a method is named, the others' variants are compared with it, too."""
    _, key = prepare(files, tmp_path, against=["wanda"])
    meetings = {(p["variant"], p["against"]) for p in key["pairs"].values()}
    assert meetings == {
        ("m/wanda/t.b/0.50", "dense"), ("m/hgla/t.b/0.50", "dense"), ("m/hgla/t.b/0.50", "wanda")
    }  # fmt: skip
    sheet = tmp_path / "sheet.csv"
    shown = {row["pair"]: row for row in rows_of(sheet)}
    for pair, about in key["pairs"].items():
        if about["against"] == "wanda":
            sides = {about[s]: shown[pair][f"summary_{s}"] for s in "ab"}
            assert "wanda, text" in sides["against"]
            assert "wanda" not in sides["variant"]
    filled = fill(sheet, tmp_path / "filled/anna.csv", lambda row: {"fairer": "A", "better": "tie"})
    out = read_annotation([filled], tmp_path / "key.json", tmp_path / "results.json")
    rates = json.loads(out.read_text())["win_rates"]
    assert {(r["variant"], r["against"]) for r in rates} == meetings
    with pytest.raises(FairpruneError, match="did you mean 'wanda'"):
        prepare(files, tmp_path / "other", against=["wnda"])
