"""Quality of summaries: measures worked by hand (cases/), intervals, files, errors."""

import json
import subprocess
from pathlib import Path

import prepared
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import SHARED, needs_shared

from fairprune.errors import FairpruneError
from fairprune.quality.common import Runs
from fairprune.quality.copying import copying
from fairprune.quality.evaluation import JUDGEMENTS, MEASURES, evaluate_quality, measure
from fairprune.quality.step import evaluate_quality as step

CASES = Path(__file__).parent / "cases"
ENTRY = Path(__file__).parents[2] / "scripts" / "evaluate_quality.py"


def read(name):
    return json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", read("measures"), ids=lambda c: f"{c['measure']}: {c['source']}")
def test_measure_by_hand(case):
    found = measure(case["summary"], case["opinions"], case.get("references", []))
    assert set(found) == {*MEASURES, *JUDGEMENTS}
    expected = case["expected"]
    assert found[case["measure"]] == (None if expected is None else pytest.approx(expected))


def test_every_measure_has_a_case():
    tested = {case["measure"] for case in read("measures")}
    assert {*MEASURES} <= tested


letters = st.lists(st.sampled_from("abc"), max_size=9)


@given(letters, letters)
def test_longest_common_run_is_the_longest(first, second):
    def runs(words):
        return {tuple(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)}

    longest = max((len(run) for run in runs(first) & runs(second)), default=0)
    assert Runs(first).longest_in(second) == longest


@given(st.lists(st.sampled_from(["good", "bad", "sound", "price"]), min_size=4, max_size=12))
def test_what_is_copied_whole_is_copied(words):
    text = " ".join(words)
    assert copying(text, [text]) == (1.0, len(words))


ROWS = [
    {
        "id": f"i{n}",
        "opinions": [f"good sound number {n}", f"the price number {n} is bad"],
        "labels": ["pos", "neg"],
        "references": [f"Good sound {n}, bad price"] if n % 2 else [],
    }
    for n in range(10)
]
SAID = [
    {"id": row["id"], "summary": f"good sound number {n} but the price is bad" if n > 1 else ""}
    for n, row in enumerate(ROWS)
]


def test_figures_count_what_is_defined():
    found = {figure["metric"]: figure for figure in evaluate_quality(ROWS, SAID).figures}
    assert list(found) == [*MEASURES, *JUDGEMENTS]
    assert found["validity"]["value"] == 0.8
    assert found["validity"]["low"] == pytest.approx(0.490162, abs=1e-6)  # Wilson, 8 of 10
    assert found["empty"]["value"] == 0.2
    assert found["rouge1"]["n"] == 5
    assert found["copied"]["n"] == 8
    for figure in found.values():
        assert figure["low"] <= figure["value"] <= figure["high"]
    assert evaluate_quality(ROWS, SAID) == evaluate_quality(ROWS, SAID)


def test_without_references_rouge_is_null():
    rows = [{key: value for key, value in row.items() if key != "references"} for row in ROWS]
    figures = evaluate_quality(rows, SAID).figures
    assert [f for f in figures if f["metric"].startswith("rouge")] == [
        {"metric": kind, "value": None, "low": None, "high": None, "n": 0}
        for kind in ("rouge1", "rouge2", "rougeL")
    ]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_entry_and_files(tmp_path):
    task, said = write(tmp_path / "task.jsonl", ROWS), write(tmp_path / "said.jsonl", SAID)
    output = tmp_path / "quality.json"
    command = [prepared.python(), ENTRY, "--summaries", said, "--task", task, "--output", output]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (note,) = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
    assert "5 of 10 inputs have no reference summary, the first 'i0'" in note
    content = json.loads(output.read_text())
    assert (content["variant"], content["task"], content["inputs"]) == ("said", "task", 10)
    assert set(content["metrics"][0]) == {"metric", "value", "low", "high", "n"}
    table = pq.read_table(output.with_suffix(".parquet"))
    assert table.column_names == ["id", *MEASURES, *JUDGEMENTS]
    assert table.num_rows == 10
    bytes_once = [output.read_bytes(), output.with_suffix(".parquet").read_bytes()]
    step(said, task, output, variant=None, seed=42)
    assert [output.read_bytes(), output.with_suffix(".parquet").read_bytes()] == bytes_once

    write(said, SAID[1:])
    with pytest.raises(FairpruneError, match="1 of 10 have no summary, the first 'i0'"):
        step(said, task, tmp_path / "other.json", variant=None, seed=42)
    assert not list(tmp_path.glob("other*"))


@needs_shared
def test_real_reviews():
    """Human summaries are whole, copy little, and resemble each other more than a review does."""
    source = SHARED / "data" / "perspectivesumm_reviews" / "amazon_gold.jsonl"
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()][:20]
    inputs = [
        {
            "id": row["id"],
            "opinions": row["input"].split(" || "),
            "labels": row["label"],
            "references": row["gold_summary"][1:],
        }
        for row in rows
    ]
    human = {row["id"]: row["gold_summary"][0] for row in rows}
    review = {row["id"]: row["opinions"][-1] for row in inputs}
    one, other = (
        {f["metric"]: f["value"] for f in evaluate_quality(inputs, said).figures}
        for said in (human, review)
    )
    assert one["validity"] == 1
    assert one["rouge1"] > other["rouge1"]
    assert one["copied"] < 0.3
    assert other["copied"] == 1
    assert other["position"] > 0.95


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "电池很快就坏了，屏幕很好，我不会再买这个手机。"),
        ("ja", "電池がすぐに切れました。画面はきれいです。"),
        ("th", "หน้าจอสวยมาก แบตเตอรี่หมดเร็ว ไม่แนะนำ"),
        ("hi", "स्क्रीन बहुत अच्छी है। बैटरी जल्दी खत्म हो जाती है।"),
        ("en", "The screen is great. The battery dies soon."),
    ],
)
def test_a_summary_equal_to_its_reference_in_any_language(language, text):
    found = measure(text, [text], [text], language)
    assert [found[kind] for kind in ("rouge1", "rouge2", "rougeL")] == [1, 1, 1]
    assert (found["validity"], found["copied"]) == (1, 1)
    other = "这个东西完全不一样" if language != "zh" else "The screen is great"
    assert measure(other, [text], [text], language)["rouge1"] == 0


def test_language_is_said_in_the_card(tmp_path):
    """By the opinions' script, or as told; what is not known of it stands there."""
    row = {"id": "a", "opinions": ["Simu nzuri sana"], "labels": ["pos"]}
    task = write(tmp_path / "task.jsonl", [row])
    said = write(tmp_path / "said.jsonl", [{"id": "a", "summary": "Simu nzuri sana kabisa leo"}])
    output = tmp_path / "quality.json"
    for language, expected in (
        (None, {"code": "en", "without": []}),
        ("sw", {"code": "sw", "without": ["stop words", "stems"]}),
    ):
        step(said, task, output, variant=None, seed=42, language=language)
        card = json.loads((tmp_path / "quality.json.card.json").read_text())
        assert card["parameters"]["language"] == expected
