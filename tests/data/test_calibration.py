"""Calibration sets: which opinions, in which windows."""

import random
import re
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file
from shared import SHARED, needs_shared
from transformers import AutoTokenizer

from fairprune.data.calibration import prepare_calibration
from fairprune.data.opinions import Opinions
from fairprune.data.prompts import PROMPTS, encode, find_prompt, render
from fairprune.data.ranking import ranked_half
from fairprune.data.selections import select
from fairprune.data.windows import joined_windows, longer_windows
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.tables import write_jsonl

STORIES = SHARED / "models/stories260k"
SUMMARISER = SHARED / "models/opinion-summariser-5m"


def item(name, labels, mix="m"):
    return Opinions(
        name, [f"{name}{i}{label}" for i, label in enumerate(labels)], list(labels), mix, []
    )


INPUTS = [item("x", "abba"), item("y", "aaab", "odd"), item("z", "aa"), item("w", "ban")]


def drawn(mix, **options):
    return select(INPUTS, mix, **options)(random.Random(3))


def test_one_group_only():
    assert drawn("b") == drawn("b-only") == [["x1b", "x2b"], ["y3b"], ["w0b"]]


def test_combined_is_every_one_group_set_and_the_balanced_one():
    both = drawn("a") + drawn("b") + drawn("balanced", ignore=["n"])
    assert drawn("combined", ignore=["n"]) == drawn("combined", groups=["a", "b"]) == both
    assert drawn("combined") == drawn("a") + drawn("b") + drawn("n") + drawn("balanced")


def test_proportional_and_a_mix_of_the_table():
    assert drawn("proportional") == [i.opinions for i in INPUTS]
    assert drawn("odd") == [INPUTS[1].opinions]


def test_balanced_takes_equally_many_of_each_group():
    texts = drawn("balanced", ignore=["n"])
    assert [sorted(text[-1] for text in opinions) for opinions in texts] == [
        ["a", "a", "b", "b"],
        ["a", "b"],
        ["a", "b"],
    ]
    assert texts[0] == INPUTS[0].opinions
    assert drawn("balanced") == [texts[2][:0] + drawn("balanced")[0]]  # with n: only w holds all


def test_random_deals_all_opinions_anew():
    texts = drawn("random")
    assert [len(text) for text in texts] == [4, 4, 2, 3]
    assert sorted(chain(*texts)) == sorted(chain(*(i.opinions for i in INPUTS)))
    assert texts != [i.opinions for i in INPUTS]


@pytest.mark.parametrize(
    ("mix", "options", "message"),
    [
        ("blanced", {}, "unknown mix 'blanced'; did you mean 'balanced'"),
        ("odd-only", {}, "unknown mix"),
        ("c", {"groups": ["a", "c"]}, "mix 'c': no input has the opinions"),
        ("balanced", {"groups": ["a", "b", "c"]}, "mix 'balanced': no input"),
    ],
)
def test_mixes_that_cannot_be_made(mix, options, message):
    with pytest.raises(FairpruneError, match=message):
        select(INPUTS, mix, **options)


def test_joined_windows_by_hand():
    passes = [[[1, 2, 3], [4], [5, 6]], [[7, 8], [9]]]
    made = joined_windows(lambda number: passes[number], 4, 2)
    assert made.ids == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert made.figures == {"texts_used": 4, "passes": 2, "joined_windows": 1}
    made = joined_windows(lambda number: passes[number], 3, 3, [0])
    assert made.ids == [[1, 2, 3], [4, 0, 5], [6, 0, 7]]  # 0 within windows only


@given(
    st.lists(st.lists(st.integers(1, 9), max_size=7), min_size=1),
    st.integers(1, 6),
    st.integers(2, 9),
)
def test_windows_are_full_and_hold_the_texts_in_order(texts, samples, length):
    if not any(texts):
        with pytest.raises(FairpruneError, match="no tokens"):
            joined_windows(lambda number: texts, samples, length)
        return
    made = joined_windows(lambda number: texts, samples, length)
    assert [len(window) for window in made.ids] == [length] * samples
    flat = list(chain(*texts))
    repeated = flat * (samples * length // len(flat) + 1)
    assert list(chain(*made.ids)) == repeated[: samples * length]


def test_longer_windows_come_from_one_text_each():
    texts = [list(range(100, 105)), list(range(200, 240)), list(range(300, 311))]
    made = longer_windows(texts, 50, 10, random.Random(0))
    for window in made.ids:
        assert window == list(range(window[0], window[0] + 10))
    assert {window[0] // 100 for window in made.ids} == {2, 3}
    assert {window[0] for window in made.ids if window[0] >= 300} == {300}
    with pytest.raises(FairpruneError, match=r"none of the 3 texts.*50 tokens.*longest has 40"):
        longer_windows(texts, 1, 50, random.Random(0))


def test_the_seed_prompts_word_for_word():
    assert PROMPTS["tweets"].text(["one", "two"]) == (
        "Tweets about US Presidential Election. Each tweet is separated by || : one || two\n"
        "Please write a short text containing the salient information, i.e. a summary. "
        "The summary of the tweets is:"
    )
    assert PROMPTS["reviews"].text(["one", "two"]) == (
        "Reviews about a product or business. Each review is separated by || : one || two\n"
        "Please write a short text containing the salient information, i.e. a summary. "
        "The summary of the reviews is:"
    )


def test_prompts_of_a_configuration(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text('prompts:\n  mine: {before: "Say: ", after: " Now:"}\n')
    assert find_prompt("mine", config).text(["a", "b"]) == "Say: a || b Now:"
    assert find_prompt("tweets", config) == PROMPTS["tweets"]
    with pytest.raises(FairpruneError, match=r"unknown prompt 'mne'.*did you mean 'mine'"):
        find_prompt("mne", config)
    with pytest.raises(FairpruneError, match="unknown prompt 'mine'"):
        find_prompt("mine")
    config.write_text("prompts:\n  mine: {before: x}\n")
    with pytest.raises(FairpruneError, match="`before` and `after`"):
        find_prompt("mine", config)


def task(folder: Path, count: int = 6) -> Path:
    rows = [
        {
            "id": f"i{n}",
            "opinions": [f"The dog {n} was happy.", f"The cat {n} was sad.", f"It rained {n}."],
            "labels": ["p", "n", "neutral"],
        }
        for n in range(count)
    ]
    write_jsonl(folder / "task.jsonl", rows)
    return folder / "task.jsonl"


@needs_shared
def test_windows_of_a_task_under_its_prompt(tmp_path):
    out = tmp_path / "c.safetensors"
    options = {"prompt": "reviews", "mix": "p", "samples": 5, "length": 64, "ignore": ["neutral"]}
    prepare_calibration(STORIES, task(tmp_path), out, **options)
    ids = load_file(out)["input_ids"]
    assert ids.shape == (5, 64)
    assert ids.dtype == np.int64
    card = read_card(out)
    assert card["parameters"]["mix"] == "p"
    assert card["figures"]["texts"] == 6
    tokenizer = AutoTokenizer.from_pretrained(STORIES)
    texts = {
        tuple(render(PROMPTS["reviews"], [f"The dog {n} was happy."], tokenizer)) for n in range(6)
    }
    flat = ids.flatten().tolist()
    assert any(tuple(flat[: len(text)]) == text for text in texts)
    assert "cat" not in tokenizer.decode(flat)
    first = out.read_bytes()
    prepare_calibration(STORIES, task(tmp_path), out, **options)
    assert out.read_bytes() == first
    prepare_calibration(STORIES, task(tmp_path), out, **options, seed=43)
    assert out.read_bytes() != first


@needs_shared
def test_a_small_set_is_gone_through_again_and_that_is_recorded(tmp_path):
    out = tmp_path / "c.safetensors"
    source = task(tmp_path, 2)
    prepare_calibration(STORIES, source, out, prompt="none", samples=8, length=128)
    ids = load_file(out)["input_ids"]
    assert ids.shape == (8, 128)
    assert read_card(out)["figures"]["passes"] > 2
    assert len({tuple(row) for row in ids.tolist()}) == 8


@needs_shared
def test_plain_text_in_paragraphs_and_a_column_of_texts(tmp_path):
    out = tmp_path / "c.safetensors"
    (tmp_path / "t.txt").write_text("One day.\nA dog ran.\n\n \nTwo cats.\n")
    prepare_calibration(STORIES, tmp_path / "t.txt", out, prompt="none", samples=3, length=16)
    assert read_card(out)["figures"]["texts"] == 2
    tokenizer = AutoTokenizer.from_pretrained(STORIES)
    flat = load_file(out)["input_ids"].flatten().tolist()
    texts = [encode(text, tokenizer) for text in ("One day.\nA dog ran.", "Two cats.")]
    assert texts[0][0] == 1
    assert flat[: sum(map(len, texts))] in (texts[0] + texts[1], texts[1] + texts[0])
    write_jsonl(tmp_path / "t.jsonl", [{"text": "One day.\nA dog ran."}, {"text": "Two cats."}])
    prepare_calibration(
        STORIES, tmp_path / "t.jsonl", tmp_path / "d", prompt="none", samples=3, length=16
    )
    assert (tmp_path / "d").read_bytes() == out.read_bytes()


@needs_shared
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 513}, "--length 513 is longer than the context of .*, 512 tokens"),
        ({"prompt": "twets"}, "unknown prompt 'twets'"),
        ({"windows": "longr"}, "unknown kind of windows 'longr'"),
        ({"mix": "q"}, "unknown mix 'q'"),
        ({"windows": "longer", "length": 500}, "none of the 6 texts is longer"),
        ({"prompt": "tweets", "prompt_style": "chat"}, "no chat template"),
    ],
)
def test_mistakes_are_refused(tmp_path, options, message):
    out = tmp_path / "c.safetensors"
    with pytest.raises(FairpruneError, match=message):
        prepare_calibration(
            STORIES, task(tmp_path), out, **{"prompt": "none", "samples": 2, **options}
        )
    assert not out.exists()


def test_plain_text_that_cannot_be_used(tmp_path):
    (tmp_path / "t.txt").write_text(" \n")
    for options, message in [({}, "holds no text"), ({"mix": "p"}, "plain text without labels")]:
        with pytest.raises(FairpruneError, match=message):
            prepare_calibration(
                tmp_path, tmp_path / "t.txt", tmp_path / "c", prompt="none", **options
            )
    with pytest.raises(FairpruneError, match=r"takes \.csv"):
        prepare_calibration(tmp_path, tmp_path / "t.md", tmp_path / "c", prompt="none")
    with pytest.raises(FairpruneError, match="does not exist"):
        prepare_calibration(tmp_path, tmp_path / "no.txt", tmp_path / "c", prompt="none")


@needs_shared
def test_a_prompt_begins_with_the_token_that_the_model_was_trained_with():
    tokenizer = AutoTokenizer.from_pretrained(SUMMARISER)
    assert encode("Hello", tokenizer)[0] == tokenizer.bos_token_id == 1
    assert encode("Hello", tokenizer).count(1) == 1
    llama = AutoTokenizer.from_pretrained(SHARED / "data/tokenizers/llama2")
    assert encode("Hello", llama) == [1, 15043]
    gpt2 = AutoTokenizer.from_pretrained(SHARED / "data/tokenizers/gpt2")
    assert encode("Hello", gpt2) == [15496]


def fairness_file(folder: Path, gaps: dict[str, float]) -> Path:
    """Fairness rows whose UER is half of each gap: p is ½ each, q is off by the gap."""
    rows = []
    for name, gap in gaps.items():
        for group, q in (("a", 0.5 - gap), ("b", 0.5 + gap)):
            row = {"id": name, "mix": "m", "attribution": "tokens", "group": group, "p": 0.5}
            rows.append(row | {"q": q, "valid": True})
            rows.append(row | {"q": 1 - q, "valid": True, "attribution": "classifier"})
    rows += [r | {"id": "v", "q": None, "valid": False} for r in rows[:1]]
    rows += [{**rows[0], "id": "alone", "p": 1.0, "q": 1.0}]
    pq.write_table(pa.Table.from_pylist(rows), folder / "f.parquet")
    return folder / "f.parquet"


def test_inputs_with_the_fairest_and_least_fair_summaries(tmp_path):
    inputs = [item(name, "ab") for name in ("p", "q", "r", "s", "v", "alone")]
    path = fairness_file(tmp_path, {"p": 0.3, "q": 0.0, "r": 0.1, "s": 0.2})
    fairest = ranked_half(inputs, path, "unbias_equal_representation")
    assert [i.id for i in fairest] == ["q", "r"]
    assert [i.id for i in ranked_half(inputs, path, "bias_equal_representation")] == ["p", "s"]
    with pytest.raises(FairpruneError, match="needs --fairness"):
        ranked_half(inputs, None, "bias_equal_representation")
    with pytest.raises(FairpruneError, match="judges none of these"):
        ranked_half([item("z", "ab")], path, "bias_equal_representation")


@needs_shared
def test_a_set_from_the_models_own_summaries(tmp_path):
    gaps = {f"i{n}": n / 20 for n in range(6)}
    out, source = tmp_path / "c.safetensors", task(tmp_path)
    options = {"prompt": "none", "ignore": ["neutral"], "samples": 4, "length": 40}
    for mix, numbers in (
        ("unbias_equal_representation", "012"),
        ("bias_equal_representation", "345"),
    ):
        path = fairness_file(tmp_path, gaps)
        prepare_calibration(STORIES, source, out, mix=mix, fairness=path, **options)
        text = AutoTokenizer.from_pretrained(STORIES).decode(load_file(out)["input_ids"].flatten())
        assert set(re.findall(r"(?:dog|cat) (\d)", text)) == set(numbers)
        assert "rained" not in text
        assert read_card(out)["inputs"]["fairness"]
