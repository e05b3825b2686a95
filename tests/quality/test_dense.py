"""What the unpruned models write, shown before anything is pruned."""

import json

import pytest

from fairprune.errors import FairpruneError
from fairprune.io.cards import card_path
from fairprune.io.tables import write_jsonl
from fairprune.quality.dense import show_dense
from fairprune.quality.step import evaluate_quality

LOOP = "the pump is good and " * 9


def judged(folder, texts):
    """Summaries of as many inputs, and their quality."""
    task, summaries, quality = (folder / name for name in ("t.jsonl", "s.jsonl", "q.json"))
    opinions = ["the pump is good and quiet", "the hose leaks at once"]
    write_jsonl(task, [{"id": f"i{n}", "opinions": [f"{o} {n}" for o in opinions],
                        "labels": ["p", "n"]} for n in range(len(texts))])  # fmt: skip
    rows = [{"id": f"i{n}", "summary": text, "finish": "stop"} for n, text in enumerate(texts)]
    write_jsonl(summaries, rows)
    evaluate_quality(summaries, task, quality, variant="m/dense/none/0.00", seed=1)
    return summaries, quality


def test_too_few_valid_summaries_say_what_to_try(tmp_path):
    good = "The pump is good, the hose leaks at once."
    summaries, quality = judged(tmp_path, [good, LOOP, LOOP, ""])
    out = show_dense([summaries], [quality], tmp_path / "dense.md", inputs=2)
    text = out.read_text()
    assert "## m/dense/none/0.00 on t" in text
    assert "25% of the summaries are valid." in text
    assert "no variant is judged: most of the others repeat themselves" in text
    assert "repetition_penalty" in text
    assert good in text and text.count("\n- ") == 2


def test_too_few_valid_summaries_are_warned_of_while_the_run_goes_on(tmp_path, capfd):
    judged(tmp_path, ["The pump is good, the hose leaks at once.", LOOP, LOOP, ""])
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("warning: m/dense/none/0.00 on t: 25% of the summaries are valid. Under")
    assert "repetition_penalty" in line


def test_enough_valid_summaries_say_no_more(tmp_path, capfd):
    summaries, quality = judged(tmp_path, [f"The pump is good, the hose leaks {n}" for n in "abc"])
    assert capfd.readouterr().err == ""
    text = show_dense([summaries], [quality], tmp_path / "dense.md").read_text()
    assert "100% of the summaries are valid." in text
    assert "no variant" not in text


def test_each_file_of_summaries_has_its_quality(tmp_path):
    summaries, quality = judged(tmp_path, ["The pump is good and quiet."])
    with pytest.raises(FairpruneError, match="2 --summaries and 1 --quality"):
        show_dense([summaries] * 2, [quality], tmp_path / "dense.md")
    assert not (tmp_path / "dense.md").exists()


def test_what_models_write_is_shown_as_it_is(tmp_path):
    """Markup of others would show pictures, links and headings that are none of ours."""
    wild = "<img src=x> ![a](http://b.c/d.png)\n\n# The models lie \ud800\u202e"
    summaries, quality = judged(tmp_path, ["The pump is good and quiet."])
    rows = [{"id": "i0\n# b", "summary": wild, "finish": "stop"}]
    summaries.write_text("".join(json.dumps(row) + "\n" for row in rows))
    card_path(summaries).unlink(missing_ok=True)
    text = show_dense([summaries], [quality], tmp_path / "dense.md").read_text()
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# The models as they are",
        "## m/dense/none/0.00 on t",
    ]
    assert "<" not in text and "http:" not in text and "\u202e" not in text


def test_a_share_under_the_limit_is_not_shown_as_the_limit(tmp_path):
    good = "The pump is good, the hose leaks"
    summaries, quality = judged(tmp_path, [*(f"{good} {n}" for n in range(17)), LOOP, LOOP])
    text = show_dense([summaries], [quality], tmp_path / "dense.md").read_text()
    assert "89.5% of the summaries are valid." in text


def test_files_of_another_kind_are_named(tmp_path):
    _, quality = judged(tmp_path, ["The pump is good and quiet."])
    with pytest.raises(FairpruneError, match=r"t.jsonl and .*q.json are not what"):
        show_dense([tmp_path / "t.jsonl"], [quality], tmp_path / "dense.md")
