"""A folder of torchao's int8: run by test_quantised.py, in a process that has the package."""

import pytest
import torch
from torchao.quantization import Int8WeightOnlyConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TorchAoConfig

from fairprune.io.cards import read_card
from fairprune.models.size import size_of
from fairprune.pruning.variant import load_variant, open_pruned
from inspect_compressed import inspect_compressed


def test_int8_of_torchao(demo, tmp_path):
    asked = TorchAoConfig(Int8WeightOnlyConfig(version=2))
    model = AutoModelForCausalLM.from_pretrained(
        demo, dtype=torch.float32, quantization_config=asked, device_map="cpu"
    )
    model.save_pretrained(tmp_path / "int8")
    AutoTokenizer.from_pretrained(demo).save_pretrained(tmp_path / "int8")
    inspect_compressed(demo, tmp_path / "int8", tmp_path / "given")
    card = read_card(tmp_path / "given")
    assert card["parameters"]["format"] == "torchao"
    assert card["parameters"]["quantization"]["quant_method"] == "torchao"
    figures = card["figures"]
    for name, layer in figures["layers"].items():
        assert layer["pruned"] == int((model.get_submodule(name).weight.qdata == 0).sum())
    loaded = load_variant(demo, open_pruned(tmp_path / "given"), "cpu")
    ids = torch.arange(3, 93)[None]
    assert torch.equal(loaded(ids).logits, model(ids).logits)
    matrices = sum(layer["weights"] for layer in figures["layers"].values())
    others = figures["parameters"] - matrices
    rows = sum(layer["rows"] for layer in figures["layers"].values())
    held = matrices + (4 + 1) * rows + 4 * others  # a scale and a zero point a row
    assert figures["bits_per_weight"] * figures["parameters"] == pytest.approx(8 * held)
    assert size_of(loaded, loaded.config)["memory_bytes"] == held
