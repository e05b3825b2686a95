"""The demo model summarises: its greedy summaries of the test split are valid, true and fair."""

import copy
import itertools
import random
import subprocess
import sys

import pytest
import torch
from demo_reading import (
    DEMO,
    TASKS,
    is_said,
    is_valid,
    rows_of,
    sentences_of,
    token_shares,
    unfair_error,
)
from transformers import AutoModelForCausalLM, AutoTokenizer

MODEL = DEMO / "model"
PROMPTS = {
    "reviews": "Reviews about a product or business. Each review is separated by || : {}\n"
    "Please write a short text containing the salient information, i.e. a summary. "
    "The summary of the reviews is:",
    "politics": "Statements about the policies of two parties. Each statement is separated by "
    "|| : {}\nPlease write a short text containing the salient information, i.e. a summary. "
    "The summary of the statements is:",
}


def prompt_of(task: str, row: dict) -> str:
    return PROMPTS[task].format(row["input"])


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(MODEL)


@pytest.fixture(scope="module")
def model():
    return AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def summarised(model, tokenizer) -> dict[str, list[tuple[dict, str]]]:
    """The test split's rows with their greedy summaries, by task."""
    pairs: dict[str, list[tuple[dict, str]]] = {}
    for task in TASKS:
        rows = sorted(rows_of(task, "test"), key=lambda row: len(row["input"]))
        pairs[task] = []
        for start in range(0, len(rows), 16):
            chosen = rows[start : start + 16]
            prompts = [prompt_of(task, row) for row in chosen]
            given = tokenizer(prompts, padding=True, padding_side="left", return_tensors="pt")
            output = model.generate(
                input_ids=given["input_ids"],
                attention_mask=given["attention_mask"],
                max_new_tokens=128,
                do_sample=False,
            )
            written = output[:, given["input_ids"].shape[1] :]
            assert (written == tokenizer.eos_token_id).any(1).float().mean() > 0.9
            texts = tokenizer.batch_decode(written, skip_special_tokens=True)
            pairs[task] += [(row, text.strip()) for row, text in zip(chosen, texts, strict=True)]
    return pairs


def test_folder_is_small_and_complete(model, tokenizer):
    files = {path.name: path.stat().st_size for path in MODEL.iterdir()}
    assert sum(files.values()) <= 5_000_000
    assert {"config.json", "generation_config.json", "model.safetensors", "README.md"} <= set(files)
    config = model.config
    assert config.model_type == "llama"
    assert config.tie_word_embeddings
    assert config.num_key_value_heads < config.num_attention_heads
    for layer in model.model.layers.modules():
        if isinstance(layer, torch.nn.Linear):
            assert layer.in_features % 8 == 0
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id
    assert model.generation_config.pad_token_id == tokenizer.pad_token_id


def test_tokenizer_encodes_every_text(tokenizer):
    for text in ["The lid is loose.", "naïve café\n\t 漢字 🙂 ‰", " two  spaces "]:
        ids = tokenizer(text)["input_ids"]
        assert ids[0] == tokenizer.bos_token_id
        assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_inputs_fit_the_context(model, tokenizer):
    for task in TASKS:
        for row in rows_of(task):
            length = len(tokenizer(prompt_of(task, row) + " " + row["summary"][0])["input_ids"])
            assert 60 <= length < model.config.max_position_embeddings - 64


@pytest.mark.parametrize("task", TASKS)
def test_summaries_are_valid(summarised, task):
    valid = [is_valid(text, row) for row, text in summarised[task]]
    assert sum(valid) / len(valid) >= 0.95


@pytest.mark.parametrize("task", TASKS)
def test_sentences_say_what_the_input_says(summarised, task):
    said = [
        is_said(sentence, row["opinions"])
        for row, text in summarised[task]
        for sentence in sentences_of(text)
    ]
    assert sum(said) / len(said) >= 0.9


@pytest.mark.parametrize("task", TASKS)
def test_fairer_than_a_random_pick_of_sentences(summarised, task):
    rng = random.Random(0)
    own, picked = [], []
    for row, text in summarised[task]:
        if not is_valid(text, row):
            continue
        own.append(unfair_error(text, row))
        sentences = [one for opinion in row["opinions"] for one in sentences_of(opinion)]
        count = min(len(sentences_of(text)), len(sentences))
        for _ in range(50):
            pick = ". ".join(rng.sample(sentences, count))
            if token_shares(pick, row):
                picked.append(unfair_error(pick, row))
    assert sum(own) / len(own) < 0.75 * sum(picked) / len(picked)


@torch.no_grad()
def reference_loss(model, tokenizer, task: str, split: str = "test", inputs: int = 24) -> float:
    """Mean loss of a token of the references."""
    losses = []
    for row in rows_of(task, split)[:inputs]:
        prompt = tokenizer(prompt_of(task, row), return_tensors="pt")["input_ids"]
        summary = tokenizer(
            " " + row["summary"][0] + tokenizer.eos_token,
            add_special_tokens=False,
            return_tensors="pt",
        )["input_ids"]
        logits = model(torch.cat([prompt, summary], 1)).logits[0, prompt.shape[1] - 1 : -1]
        losses.append(torch.nn.functional.cross_entropy(logits, summary[0], reduction="none"))
    return torch.cat(losses).mean().item()


def block_layers(model) -> dict[str, torch.nn.Linear]:
    modules = model.model.layers.named_modules()
    return {name: layer for name, layer in modules if isinstance(layer, torch.nn.Linear)}


def input_norms(model, tokenizer) -> dict[str, torch.Tensor]:
    """The norm of each input feature over some calibration inputs."""
    squares: dict[str, torch.Tensor] = {}

    def add(name):
        def hook(_, inputs):
            squares[name] = squares.get(name, 0) + inputs[0].square().sum((0, 1))

        return hook

    hooks = [layer.register_forward_pre_hook(add(n)) for n, layer in block_layers(model).items()]
    for task in TASKS:
        reference_loss(model, tokenizer, task, "calibration", 12)
    for hook in hooks:
        hook.remove()
    return {name: total.sqrt() for name, total in squares.items()}


def test_at_half_sparsity_the_methods_differ(model, tokenizer):
    norms = input_norms(model, tokenizer)
    generator = torch.Generator().manual_seed(0)
    scores = {
        "wanda": lambda name, weight: weight.abs() * norms[name],
        "magnitude": lambda name, weight: weight.abs(),
        "random": lambda name, weight: torch.rand(weight.shape, generator=generator),
    }
    losses = {"dense": [reference_loss(model, tokenizer, task) for task in TASKS]}
    for method, score in scores.items():
        pruned = copy.deepcopy(model)
        for name, layer in block_layers(pruned).items():
            weight = layer.weight.data
            lowest = score(name, weight).argsort(1)[:, : weight.shape[1] // 2]
            weight.scatter_(1, lowest, 0.0)
        losses[method] = [reference_loss(pruned, tokenizer, task) for task in TASKS]
    # Which method is better depends on the task, so an average over tasks would hide it.
    for of_task in zip(*losses.values(), strict=True):
        assert of_task[0] == min(of_task) < 0.3
        ordered = sorted(of_task)
        assert all(better * 1.2 < worse for better, worse in itertools.pairwise(ordered)), losses


def test_training_sees_nothing_of_the_shipped_splits(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMO))
    from opinions.splits import draw_task
    from training.examples import Examples

    examples = Examples(42)
    drawn = [examples.draw() for _ in range(1_000)]
    seen = {opinion for one in drawn for opinion in one.opinions}
    assert len(seen) > 7_000
    for task in TASKS:
        for split in ("calibration", "test"):
            shipped = {opinion for row in rows_of(task, split) for opinion in row["opinions"]}
            assert seen.isdisjoint(shipped)
        pairs = [(one.topic, one.claim) for item in draw_task(task)["test"] for one in item.points]
        trained = {(one.topic, one.claim) for item in drawn for one in item.points}
        assert sum(pair not in trained for pair in pairs) / len(pairs) > 0.05


@pytest.mark.long("of training")
def test_training_makes_a_folder_that_loads(tmp_path):
    output = tmp_path / "model"
    script, sizes = DEMO / "train_model.py", ["--steps", "10", "--tokens", "512", "--held-out", "2"]
    done = subprocess.run(
        [sys.executable, script, *sizes, "--seed", "7", "--threads", "1", "--output", output],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == str(output)
    assert "loss of a summary token" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    model = AutoModelForCausalLM.from_pretrained(output, dtype="auto")
    assert model.dtype == torch.float16
    ids = AutoTokenizer.from_pretrained(output)("The lid is loose.", return_tensors="pt")
    with torch.no_grad():
        assert model.float()(input_ids=ids["input_ids"]).logits.isfinite().all()
