"""What a model's files may do to the libraries that read them: the step ends, with one line."""

import json
import shutil

import pytest
from faults.harness import Bench
from safetensors.torch import save_file
from summaries.test_generate_summaries import save_model, write_task
from tiny_models import tiny_ids, tiny_model
from workflow.conftest import ROOT

from fairprune.errors import FairpruneError
from fairprune.io import apart
from fairprune.models.blocks import open_blocks
from fairprune.models.folder import open_model
from fairprune.models.loading import load_model


@pytest.fixture(autouse=True)
def impatient(monkeypatch, tmp_path):
    """Little patience, and no memory of what has been tried."""
    monkeypatch.setattr(apart, "SECONDS", 3)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def bench(tmp_path):
    """A working directory with a model of the demo's tokenizer, and a task."""
    shutil.copytree(ROOT / "data/demo/model", tmp_path / "model")
    write_task(tmp_path / "t.jsonl", 2)
    return Bench(tmp_path)


GROWING = [{"type": "Replace", "pattern": {"Regex": "[a-z]"}, "content": "a" * 1000}] * 4
RETRIES = {"type": "Replace", "pattern": {"Regex": "(x+x+)+y"}, "content": ""}
ENDLESS = {
    "a normalizer that makes text longer and longer": ("normalizer", {
        "type": "Sequence", "normalizers": GROWING}),
    "a pattern that is tried for ever": ("normalizer", RETRIES),
    "a word of any length put in front": ("normalizer", {
        "type": "Prepend", "prepend": "x" * 50_000_000}),
    "a pre-tokenizer that is none": ("pre_tokenizer", {"type": "Nonsense"}),
}  # fmt: skip
STEPS = {
    "prepare_calibration": ["--texts", "t.jsonl", "--prompt", "tweets", "--samples", "1",
                            "--length", "8", "--output", "out"],
    "generate_summaries": ["--task", "t.jsonl", "--prompt", "tweets", "--output", "out"],
    "evaluate_language": ["--corpus", "c=c.txt", "--window", "8", "--output", "out.json"],
}  # fmt: skip


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("step", STEPS)
def test_a_tokenizer(bench, step, name):
    part, content = ENDLESS[name]
    file = bench.path("model/tokenizer.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {part: content}))
    bench.path("c.txt").write_text("x" * 60)
    bench.path("t.jsonl").write_text(
        json.dumps({"id": "i", "opinions": ["x" * 60, "b"], "labels": ["a", "b"]}) + "\n"
    )
    line = bench.entry(step, "--model", "model", *STEPS[step]).error
    assert "tokenizer" in line and len(line) < 1000
    assert not list(bench.folder.glob("out*"))


TEMPLATES = {
    "loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "fills the memory": "{{ 'a' * 10 ** 11 }}",
    "calls itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "is no template": "{% for %}",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_chat_template(tmp_path, name):
    model = save_model(tmp_path / "model")
    config = json.loads((model / "tokenizer_config.json").read_text())
    (model / "tokenizer_config.json").write_text(
        json.dumps(config | {"chat_template": TEMPLATES[name]})
    )
    write_task(tmp_path / "t.jsonl", 2)
    words = ["--model", "model", "--task", "t.jsonl", "--prompt", "tweets", "--output", "out"]
    done = Bench(tmp_path).entry("generate_summaries", *words, "--prompt-style", "chat")
    assert "chat template" in done.error
    assert not (tmp_path / "out").exists()


def _config(folder, **values):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


@pytest.mark.parametrize("layers", [10**7, 10**12, 1e300, 600])
def test_more_layers_than_tensors(tmp_path, layers):
    tiny_model("qwen2").save_pretrained(tmp_path / "m")
    _config(tmp_path / "m", num_hidden_layers=layers, layer_types=None)
    for load in (open_blocks, load_model):
        with pytest.raises(FairpruneError, match=r"config\.json.*layers"):
            load(tmp_path / "m", "cpu")
    save_file({"input_ids": tiny_ids()}, tmp_path / "c")
    words = ["--model", "m", "--calibration", "c", "--output", "out"]
    assert "layers" in Bench(tmp_path).entry("measure_activations", *words).error


@pytest.mark.parametrize("key", ["hidden_size", "max_position_embeddings", "head_dim"])
def test_other_sizes_that_no_model_has(tmp_path, key):
    tiny_model("llama3").save_pretrained(tmp_path)
    _config(tmp_path, **{key: 10**13})
    with pytest.raises(FairpruneError, match=f"{key} is 10000000000000"):
        open_model(tmp_path)


def test_what_ends_well_is_handed_back():
    assert apart.apart(lambda: {"a": [1, None, "ü"]}, "it") == {"a": [1, None, "ü"]}
    with pytest.raises(FairpruneError, match="as it is"):
        apart.apart(_refuse, "it")


def _refuse():
    raise FairpruneError("as it is")


def test_a_tokenizer_is_tried_once(bench, monkeypatch):
    tried = []
    monkeypatch.setattr("fairprune.models.tokenizers.apart", lambda *_: tried.append(1))
    words = ["--model", "model", *STEPS["prepare_calibration"]]
    for _ in range(2):
        assert bench.entry("prepare_calibration", *words).code == 0
    assert len(tried) == 1
    bench.path("model/tokenizer_config.json").write_text("{}")
    bench.entry("prepare_calibration", *words)
    assert len(tried) == 2
