"""Exported folders are ordinary model folders."""

import json

import pytest
import torch
from shared import SHARED, needs_shared
from tiny import all_masks, save_tiny
from tiny_models import tiny_ids, tiny_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from export_model import export_model
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.pruning import export
from fairprune.pruning.variant import all_layers, load_variant, open_pruned
from prune_model import prune_model


@pytest.mark.parametrize("name", ["llama3", "tinyllama", "gemma2", "opt", "pythia", "phi3"])
def test_loads_like_any_model(name, tmp_path):
    save_tiny(tmp_path / "m", name)
    prune_model(tmp_path / "m", "magnitude", tmp_path / "p", sparsity="0.5")
    made = export_model(tmp_path / "m", tmp_path / "out", pruned=tmp_path / "p")
    model = AutoModelForCausalLM.from_pretrained(made, dtype=torch.float32)
    expected = load_variant(tmp_path / "m", open_pruned(tmp_path / "p"), "cpu")
    with torch.no_grad():
        assert torch.equal(model(tiny_ids()).logits, expected(tiny_ids()).logits)
    card = read_card(made)
    assert card["stage"] == "export_model"
    assert card["figures"]["sparsity"] == pytest.approx(0.5, abs=0.001)


def test_shards_and_stored_dtype(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "SHARD", "20KB")
    tiny_model("llama3").half().save_pretrained(tmp_path / "m")
    prune_model(tmp_path / "m", "magnitude", tmp_path / "p", sparsity="0.5")
    made = export_model(tmp_path / "m", tmp_path / "out", pruned=tmp_path / "p")
    index = json.loads((made / "model.safetensors.index.json").read_text())
    assert len(set(index["weight_map"].values())) > 1
    model = AutoModelForCausalLM.from_pretrained(made)
    assert model.dtype == torch.float16
    masks = all_masks(tmp_path / "p")
    for name, layer in all_layers(model).items():
        assert layer.weight[masks[name]].eq(0).all()


def test_2of4_is_checked(tmp_path):
    save_tiny(tmp_path / "m")
    prune_model(tmp_path / "m", "magnitude", tmp_path / "yes", pattern="2:4")
    prune_model(tmp_path / "m", "magnitude", tmp_path / "no", sparsity="0.5")
    export_model(tmp_path / "m", tmp_path / "out", pruned=tmp_path / "yes", form="2of4")
    with pytest.raises(FairpruneError, match=r"layers\.0\.self_attn\.q_proj is not 2:4 sparse"):
        export_model(tmp_path / "m", tmp_path / "bad", pruned=tmp_path / "no", form="2of4")
    assert not (tmp_path / "bad").exists()


@needs_shared
def test_tokenizer_and_generation_configuration_come_along(tmp_path):
    model = SHARED / "models/stories260k"
    prune_model(model, "magnitude", tmp_path / "p", sparsity="0.3")
    made = export_model(model, tmp_path / "out", pruned=tmp_path / "p")
    text = "Once upon a time"
    tokens = [AutoTokenizer.from_pretrained(f)(text)["input_ids"] for f in (model, made)]
    assert tokens[0] == tokens[1]
    assert (made / "generation_config.json").is_file()
    out = AutoModelForCausalLM.from_pretrained(made).generate(
        torch.tensor([tokens[0]]), max_new_tokens=3, do_sample=False
    )
    assert out.shape[1] > len(tokens[0])
