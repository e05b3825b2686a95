"""Models are loaded ready to run, and what is wrong with a folder is one line."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from shared import SHARED, needs_shared
from tiny_models import COMMON, tiny_ids, tiny_model
from transformers import AutoConfig, AutoModelForCausalLM

from fairprune.errors import FairpruneError
from fairprune.models import loading
from fairprune.models.folder import open_model
from fairprune.models.loading import (
    load_model,
    load_tokenizer,
    resolve_device,
    resolve_dtype,
)


@pytest.fixture
def folder(tmp_path):
    tiny_model("llama3").half().save_pretrained(tmp_path / "model")
    return tmp_path / "model"


def line(folder, pattern, load=load_model):
    with pytest.raises(FairpruneError, match=pattern) as raised:
        load(folder)
    assert "\n" not in str(raised.value)


def change(folder, **values):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


def test_a_model_is_ready_to_run(folder):
    model = load_model(folder, "cpu")
    assert model.dtype == torch.float32
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())
    assert torch.isfinite(model(tiny_ids()).logits).all()


def test_dtypes(folder):
    config = open_model(folder).config
    assert resolve_dtype("auto", torch.device("cpu"), config) == torch.float32
    assert resolve_dtype("auto", torch.device("cuda"), config) == torch.float16
    assert resolve_dtype("bfloat16", torch.device("cpu"), config) == torch.bfloat16
    assert load_model(folder, "cpu", "bfloat16").dtype == torch.bfloat16


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there():
    assert resolve_device("auto") == torch.device("cpu")
    with pytest.raises(FairpruneError, match="no GPU can be used here"):
        resolve_device("cuda")


@pytest.mark.parametrize(("free", "place"), [(1.5, "cuda:0"), (1.4, "cpu")])
def test_a_model_to_be_changed_goes_straight_to_a_gpu_that_holds_it(
    folder, monkeypatch, free, place
):
    """With room for half as much again, as bfloat16; else it is changed on the host."""
    size = sum(file.stat().st_size for file in folder.glob("*.safetensors"))
    asked = {}
    monkeypatch.setattr(loading, "resolve_device", lambda _: torch.device("cuda:0"))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (int(free * size), 0))
    monkeypatch.setattr(
        AutoModelForCausalLM, "from_pretrained", lambda *_, **how: asked.update(how) or 1 / 0
    )
    line(folder, "division", lambda path: load_model(path, "auto", "bfloat16", lambda m: m))
    assert str(asked["device_map"][""]) == place
    line(folder, "division", lambda path: load_model(path, "auto", "bfloat16"))
    assert asked["device_map"] == "auto"


def test_no_folder(tmp_path):
    line(tmp_path / "none", "none is no folder: give the folder")


def test_no_configuration(tmp_path):
    line(tmp_path, "has no config.json")


def test_a_broken_configuration(folder):
    (folder / "config.json").write_text("{")
    line(folder, r"config\.json cannot be used")


def test_an_unknown_architecture(folder):
    change(folder, model_type="nonsense")
    line(folder, "nonsense.*code of their own")


def test_code_of_its_own_is_never_run(folder):
    change(folder, model_type="own", auto_map={"AutoConfig": "evil.Config"})
    (folder / "evil.py").write_text("raise SystemExit('it was run')")
    line(folder, "code of their own are not supported")


def test_a_truncated_file(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    line(folder, r"model\.safetensors is truncated or corrupt")


def test_a_corrupt_header(folder):
    (folder / "model.safetensors").write_bytes(b"\xff" * 64)
    line(folder, "truncated or corrupt")


def test_a_missing_shard(tmp_path):
    tiny_model("llama3").save_pretrained(tmp_path, max_shard_size="20KB")
    next(tmp_path.glob("model-00002*")).unlink()
    line(tmp_path, "model-00002.* is missing though the index names it")


def test_an_index_that_names_no_files(folder):
    (folder / "model.safetensors.index.json").write_text("[]")
    line(folder, r"index\.json")


def test_no_weights(folder):
    (folder / "model.safetensors").unlink()
    line(folder, r"has no \*\.safetensors")


def test_pickled_weights_are_refused(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"not even a pickle")
    line(folder, r"pickled weights only \(pytorch_model\.bin\).*save_pretrained")


def test_weights_that_lack_a_layer(folder):
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.0.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    line(folder, r"no weights for model\.layers\.0\.mlp\.up_proj\.weight")


def test_weights_of_another_shape(folder):
    change(folder, intermediate_size=40)
    line(folder, "cannot be loaded")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_weights_that_are_no_numbers(folder, value):
    tensors = load_file(folder / "model.safetensors")
    tensors["model.layers.1.self_attn.k_proj.weight"][2, 3] = value
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    line(folder, r"model\.layers\.1\.self_attn\.k_proj\.weight holds NaN or infinite")


def test_a_quantised_model(folder):
    change(folder, quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True})
    line(folder, "is quantised")


def test_a_mixture_of_experts(tmp_path):
    config = AutoConfig.for_model("mixtral", **COMMON, num_key_value_heads=2)
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    line(tmp_path, "mixture of experts")


def test_no_tokenizer(folder):
    line(folder, "has no tokenizer", load_tokenizer)


@needs_shared
def test_a_real_model_and_its_tokenizer():
    folder = SHARED / "models/stories260k"
    tokenizer = load_tokenizer(folder)
    ids = tokenizer("Once upon a time", return_tensors="pt").input_ids
    made = load_model(folder).generate(ids, max_new_tokens=8, do_sample=False)
    assert tokenizer.decode(made[0], skip_special_tokens=True).startswith("Once upon a time, there")
