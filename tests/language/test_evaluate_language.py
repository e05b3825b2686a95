"""The step as a user runs it: what is written, what is refused, zero-shot without a checkpoint."""

import json
import math
import shutil
import subprocess
from pathlib import Path

import prepared
import pytest
import torch
from safetensors.torch import save_file
from shared import SHARED, needs_shared
from transformers import AutoModelForCausalLM, AutoTokenizer

from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.tables import read_json
from fairprune.language.evaluate import evaluate_language
from fairprune.language.windows import beginning_token
from fairprune.pruning.export import export_model
from fairprune.pruning.step import prune_model

ENTRY = Path(__file__).resolve().parents[2] / "scripts" / "evaluate_language.py"
CPU = {"device": "cpu", "dtype": "float32"}


def plain_perplexity(folder, text, window, way="every"):
    """The definition, window by window, without anything of this project."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if way == "every":
        front, step = [tokenizer.bos_token_id], window - 1
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    else:
        front, step, ids = [], window, tokenizer(text)["input_ids"]
    pieces = [front + ids[i : i + step] for i in range(0, len(ids) - step + 1, step)]
    with torch.no_grad():
        found = [model(p[None], labels=p[None]).loss.double() for p in map(torch.tensor, pieces)]
    return math.exp(sum(found) / len(found)), len(pieces)


@pytest.mark.parametrize(("way", "windows"), [("every", 21), ("first", 20)])
def test_what_is_written(model_folder, corpus, tmp_path, way, windows):
    output = tmp_path / "results" / "language" / "m" / "dense" / "none" / "0.00.json"
    asked = {"corpora": [f"words={corpus}"], "window": 20, "beginning": way}
    evaluate_language(model_folder, output, **asked, **CPU)
    found = read_json(output)
    assert found["variant"] == "m/dense/none/0.00"
    assert found["zero_shot"] == []
    (row,) = found["perplexity"]
    value, counted = plain_perplexity(model_folder, corpus.read_text(), 20, way)
    assert row["perplexity"] == pytest.approx(value, abs=1e-4)
    assert row == {
        **{"corpus": "words", "window": 20, "beginning": way, "windows": counted},
        **{"tokens": 20 * windows, "scored": 19 * windows},
        **{"loss": pytest.approx(math.log(value)), "perplexity": row["perplexity"]},
    }
    card = read_card(output)
    assert (card["parameters"]["window"], card["parameters"]["beginning"]) == (20, way)
    assert set(card["inputs"]) == {"model", "corpus words"}
    assert card["figures"]["cost"]["tokens"] == 20 * windows
    assert card["figures"]["cost"]["seconds"] > 0


def test_a_tokenizer_that_puts_no_beginning_token_is_left_alone(model_folder, corpus, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    content = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps({**content, "post_processor": None}))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.bos_token_id == 0 and beginning_token(tokenizer) is None
    assert beginning_token(AutoTokenizer.from_pretrained(model_folder)) == 0
    made = [
        evaluate_language(
            folder, tmp_path / f"{way}.json", corpora=[f"c={corpus}"], beginning=way, **CPU
        )
        for way in ("every", "first")
    ]
    rows = [read_json(file)["perplexity"] for file in made]
    assert rows[0] == rows[1]
    value, _ = plain_perplexity(folder, corpus.read_text(), 64, "first")
    assert rows[0][0]["perplexity"] == pytest.approx(value, abs=1e-4)
    assert rows[0][0]["beginning"] == "none"


def test_the_window_is_lowered_to_the_context_and_said(model_folder, corpus, tmp_path):
    output = tmp_path / "out.json"
    evaluate_language(model_folder, output, corpora=[f"words={corpus}"], **CPU)
    (row,) = read_json(output)["perplexity"]
    assert (row["window"], row["windows"], row["tokens"]) == (64, 6, 384)


def test_a_corpus_shorter_than_the_window_is_one_window(model_folder, tmp_path):
    short = tmp_path / "short.txt"
    short.write_text("w1 w2 w3")
    output = tmp_path / "out.json"
    evaluate_language(model_folder, output, corpora=[f"short={short}"], **CPU)
    (row,) = read_json(output)["perplexity"]
    assert (row["window"], row["windows"]) == (4, 1)


def test_twice_gives_the_same_bytes(model_folder, corpus, tmp_path):
    made = [
        evaluate_language(model_folder, tmp_path / name / "x.json", corpora=[f"c={corpus}"], **CPU)
        for name in "ab"
    ]
    assert made[0].read_bytes() == made[1].read_bytes()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "nothing to measure"),
        (["--corpus", "c=nowhere.txt"], "nowhere.txt does not exist"),
        (["--corpus", "{corpus}"], "write NAME=FILE"),
        (["--corpus", "c={corpus}", "--corpus", "c={corpus}"], "given twice"),
        (["--corpus", "c={corpus}", "--window", "1"], "at least 2 tokens"),
        (["--corpus", "c={corpus}", "--beginning", "none"], "'every', 'first'"),
    ],
)
def test_mistakes_are_one_line_and_nothing_is_written(options, says, corpus, tmp_path):
    options = [option.format(corpus=corpus) for option in options]
    output = tmp_path / "out" / "x.json"
    command = [prepared.python(), str(ENTRY), "--model", str(tmp_path / "no"), *options]
    done = subprocess.run([*command, "--output", str(output)], capture_output=True, text=True)
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and says in errors[0]
    assert not output.parent.exists()


@pytest.fixture
def task_folder(tmp_path, monkeypatch):
    """A task of 12 questions: which word follows. Its data are named relative to the folder."""
    pytest.importorskip("lm_eval", reason="lm-eval, an optional extra, is not installed")
    rows = [{"q": f"w{n} w{n}", "choices": ["w3", "w4", "w5"], "label": n % 3} for n in range(12)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    folder = tmp_path / "tasks"
    folder.mkdir()
    (folder / "follows.yaml").write_text(
        "task: follows\n"
        "dataset_path: json\n"
        f"dataset_kwargs: {{data_files: {{test: {tmp_path}/rows.jsonl}}}}\n"
        "test_split: test\n"
        "output_type: multiple_choice\n"
        'doc_to_text: "{{q}}"\n'
        'doc_to_choice: "{{choices}}"\n'
        'doc_to_target: "{{label}}"\n'
        "metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]\n"
        "metadata: {version: 1.0}\n"
    )
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return folder


def plain_accuracy(folder, rows):
    """The share of questions whose right word the model finds likeliest."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    right = 0
    for row in rows:
        with torch.no_grad():
            scores = model(torch.tensor([tokenizer(row["q"])["input_ids"]])).logits[0, -1]
        words = [tokenizer.convert_tokens_to_ids(word) for word in row["choices"]]
        right += int(scores[words].argmax()) == row["label"]
    return right / len(rows)


def test_zero_shot_in_memory(model_folder, task_folder, tmp_path):
    output = tmp_path / "out.json"
    evaluate_language(model_folder, output, tasks=["follows"], include_path=task_folder, **CPU)
    (row,) = read_json(output)["zero_shot"]
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    accuracy = plain_accuracy(model_folder, rows)
    assert row["value"] == pytest.approx(accuracy)
    assert (row["task"], row["metric"], row["n"], row["shots"]) == ("follows", "acc", 12, 0)
    assert row["stderr"] == pytest.approx(math.sqrt(accuracy * (1 - accuracy) / 11), abs=1e-9)


@pytest.mark.parametrize("method", ["magnitude", "sparsegpt"])
def test_a_pruned_variant_is_measured_as_its_checkpoint(
    method, model_folder, task_folder, corpus, tmp_path
):
    """Masks and rewritten weights put over the dense model, and the exported model: no digit off.

    The variant is measured with nothing written but its own files.
    """
    windows = torch.arange(8 * 32).reshape(8, 32) % 60
    save_file({"input_ids": windows}, tmp_path / "windows.safetensors")
    statistics = {"calibration": tmp_path / "windows.safetensors"} if method == "sparsegpt" else {}
    pruned = prune_model(model_folder, method, tmp_path / "pruned", sparsity=0.5, **statistics)
    assert (pruned / "weights.safetensors").exists() == (method == "sparsegpt")
    options = {"corpora": [f"words={corpus}"], "window": 32, "tasks": ["follows"], **CPU}
    options["include_path"] = task_folder
    made = evaluate_language(model_folder, tmp_path / "a" / "x.json", pruned=pruned, **options)
    assert {file.name for file in made.parent.iterdir()} == {
        *("x.json", "x.parquet", "x.json.card.json")
    }
    exported = export_model(model_folder, pruned, tmp_path / "checkpoint")
    whole = read_json(evaluate_language(exported, tmp_path / "b" / "x.json", **options))
    dense = read_json(evaluate_language(model_folder, tmp_path / "c" / "x.json", **options))
    masked = read_json(made)
    for kind in ("perplexity", "zero_shot"):
        assert masked[kind] == whole[kind] != []
    assert masked["perplexity"] != dense["perplexity"]


def test_an_unknown_task_is_answered_with_the_nearest(model_folder, task_folder, tmp_path):
    from fairprune.language.zero_shot import find_tasks

    with pytest.raises(FairpruneError, match="unknown zero-shot task 'folows'; near: follows"):
        find_tasks(["folows"], task_folder)
    with pytest.raises(FairpruneError, match="is no folder"):
        find_tasks(["follows"], tmp_path / "nowhere")
    (tmp_path / "rows.jsonl").unlink()
    shutil.rmtree(tmp_path / "hf", ignore_errors=True)
    with pytest.raises(FairpruneError, match="'follows' cannot be loaded"):
        find_tasks(["follows"], task_folder)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version: 1.0", "unit: labl", r"'labl' in metadata, unit, .*'follows'; .* 'label'"),
        ("version: 1.0", "stratum: [q]", "in metadata, stratum, of zero-shot task 'follows'"),
        ('doc_to_text: "{{q}}"', "", "'follows' cannot be loaded: TypeError; see its keys"),
    ],
)
def test_a_task_whose_keys_do_not_fit_its_data_is_refused_as_it_is_read(
    task_folder, old, new, says
):
    from fairprune.language.zero_shot import find_tasks

    file = task_folder / "follows.yaml"
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(FairpruneError, match=says):
        find_tasks(["follows"], task_folder)


@needs_shared
def test_a_real_model_reads_its_own_kind_of_text(tmp_path):
    folder, text = SHARED / "models" / "stories260k", SHARED / "data" / "tinystories"
    output = tmp_path / "out.json"
    corpora = [f"own={text / 'own_stories.txt'}"]
    evaluate_language(folder, output, corpora=corpora, window=256, **CPU)
    (row,) = read_json(output)["perplexity"]
    value, _ = plain_perplexity(folder, (text / "own_stories.txt").read_text(), 256)
    assert row["perplexity"] == pytest.approx(value, abs=1e-4)
    assert row["perplexity"] < 8
