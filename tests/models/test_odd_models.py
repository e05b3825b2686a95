"""Models whose files say odd things: used as they are meant, or refused in one line."""

import io
import json

import pytest
import torch
from faults.harness import Bench
from safetensors.torch import load_file, save_file
from summaries.test_generate_summaries import save_model, write_task
from tiny_models import tiny_config, tiny_ids, tiny_model
from transformers import AutoConfig, AutoModelForCausalLM

from fairprune.errors import FairpruneError
from fairprune.io.tables import read_jsonl
from fairprune.models.blocks import open_blocks
from fairprune.models.context import context_length
from fairprune.models.folder import open_model
from fairprune.models.loading import load_model, load_tokenizer


def change(folder, name="config.json", **values):
    file = folder / name
    known = json.loads(file.read_text()) if file.is_file() else {}
    file.write_text(json.dumps(known | values))


def summaries(folder, *more):
    """What the model in a folder writes; or why it does not."""
    write_task(folder.parent / "t.jsonl", 3)
    words = ["--model", folder.name, "--task", "t.jsonl", "--prompt", "tweets", "--output", "o"]
    done = Bench(folder.parent).entry("generate_summaries", *words, "--max-new-tokens", "4", *more)
    if done.code:
        return done.error
    found = [(row["id"], row["summary"]) for row in read_jsonl(folder.parent / "o")]
    for file in folder.parent.glob("o*"):
        file.unlink()
    return found


@pytest.mark.parametrize("pad", [97, 10**6, -5])
def test_a_pad_token_outside_of_the_embedding(tmp_path, pad):
    """It is masked: what the model writes does not depend on it."""
    folder = save_model(tmp_path / "m")
    right = summaries(folder)
    change(folder, pad_token_id=pad)
    assert summaries(folder) == right
    tokenizer = load_tokenizer(folder)
    tokenizer.add_special_tokens({"pad_token": "<new pad>"})
    tokenizer.save_pretrained(folder)
    assert load_tokenizer(folder).pad_token_id == 97
    assert summaries(folder) == right
    assert open_blocks(folder, "cpu").model.config.pad_token_id is None


def test_tokens_that_the_model_does_not_know(tmp_path):
    folder = save_model(tmp_path / "m")
    tokenizer = load_tokenizer(folder)
    tokenizer.add_special_tokens({"bos_token": "<new begin>"})
    tokenizer.save_pretrained(folder)
    assert "gives token 97, its model knows 97" in summaries(folder)


@pytest.mark.parametrize("end", ["", [10**6], None, "x", -1, [2, 2]])
def test_end_tokens_that_are_none(tmp_path, end):
    folder = save_model(tmp_path / "m")
    right = summaries(folder)
    change(folder, "generation_config.json", eos_token_id=end)
    assert summaries(folder) == right or "generation_config" in str(summaries(folder))


@pytest.mark.parametrize(
    "said",
    [{"_attn_implementation": "flash_attention_2"}, {"attn_implementation": "eager"},
     {"output_attentions": True}, {"output_hidden_states": True}],
    ids=str,
)  # fmt: skip
def test_how_it_is_computed_is_not_for_a_model_to_say(tmp_path, said):
    folder = save_model(tmp_path / "m")
    right, usual = summaries(folder), load_model(folder, "cpu").config._attn_implementation
    change(folder, **said)
    assert load_model(folder, "cpu").config._attn_implementation == usual
    assert open_blocks(folder, "cpu").model.config._attn_implementation == usual
    assert summaries(folder) == right


def test_mpt_is_kept_inside_of_its_context(tmp_path):
    """Its configuration calls the number of positions otherwise than all others."""
    config = AutoConfig.for_model(
        "mpt", vocab_size=97, d_model=32, n_heads=4, n_layers=2, max_seq_len=24, expansion_ratio=2
    )
    assert context_length(config) == 24
    assert context_length(tiny_config("llama3")) == 64
    assert context_length(AutoConfig.for_model("gpt2", n_positions=77)) == 77
    folder = save_model(tmp_path / "m")
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    assert "fits beside 4 new tokens into the context of 24" in summaries(folder)
    save_file({"input_ids": tiny_ids(2, 60)}, tmp_path / "c")
    words = ["--model", "m", "--calibration", "c", "--output", "a"]
    line = Bench(tmp_path).entry("measure_activations", *words).error
    assert "samples of 60 tokens" in line


def test_infinite_values_are_in_no_statistics(tmp_path):
    """In float16 a block of this model overflows; in float32 it does not."""
    tiny_model("llama3").save_pretrained(tmp_path / "m")
    tensors = load_file(tmp_path / "m/model.safetensors")
    tensors["model.layers.1.mlp.up_proj.weight"] *= 60_000
    tensors["model.layers.1.mlp.gate_proj.weight"] *= 1_000
    save_file(tensors, tmp_path / "m/model.safetensors", metadata={"format": "pt"})
    save_file({"input_ids": tiny_ids()}, tmp_path / "c")
    bench = Bench(tmp_path)
    given = ("--model", "m", "--calibration", "c", "--output", "out", "--dtype")
    steps = dict.fromkeys(("measure_activations", "compute_gradients"), ())
    steps["prune_model"] = ("--method", "wanda", "--sparsity", "0.5")
    for entry, more in steps.items():
        line = bench.entry(entry, *more, *given, "float16").error
        assert "infinite" in line
        assert not list(tmp_path.glob("out*"))
    assert bench.entry("measure_activations", *given, "float32").code == 0
    assert all(torch.isfinite(norm).all() for norm in load_file(tmp_path / "out").values())


SENSELESS = [
    {"rope_parameters": {"rope_type": "nonsense", "rope_theta": 10000.0}},
    {"rope_parameters": {"rope_type": "default", "rope_theta": None}},
    {"hidden_act": "nonsense"},
    {"num_key_value_heads": 0},
    {"head_dim": -3},
]


@pytest.mark.parametrize("said", SENSELESS, ids=str)
def test_a_configuration_that_makes_no_model(tmp_path, said):
    tiny_model("llama3").save_pretrained(tmp_path)
    change(tmp_path, **said)
    for load in (open_blocks, load_model):
        with pytest.raises(FairpruneError, match=r"config\.json|cannot be loaded") as refused:
            load(tmp_path, "cpu")
        assert "\n" not in str(refused.value)


def test_a_tokenizer_of_sentencepiece_alone(tmp_path):
    """Transformers reads it with the package protobuf."""
    pytest.importorskip("google.protobuf")
    import sentencepiece

    model, texts = io.BytesIO(), [f"w{n} w{n + 1} the tent is good" for n in range(60)]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, vocab_size=60, model_type="bpe",
        minloglevel=2,
    )  # fmt: skip
    folder = tmp_path / "m"
    tiny_model("llama3", max_position_embeddings=512).save_pretrained(folder)
    (folder / "tokenizer.model").write_bytes(model.getvalue())
    assert load_tokenizer(folder)("the tent")["input_ids"]
    assert len(summaries(folder)) == 3
    assert open_model(folder)
