"""Models that cannot be gone through block by block are refused in one line, none half right."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import COMMON, GROUPED, OWN_HEADS, SLIDING, tiny_ids, tiny_model
from transformers import AutoConfig, AutoModelForCausalLM

from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.models.blocks import Blocks, open_blocks
from fairprune.models.loading import load_model
from fairprune.models.walk import Walk
from fairprune.pruning.variant import load_variant, open_pruned
from fairprune.statistics.activation_job import measure_activations
from fairprune.statistics.gradient_job import compute_gradients
from prune_model import prune_model

DT_PROJ = r"layers\.0\.\w+\.dt_proj is never called by its block"


def made(kind: str, **own) -> torch.nn.Module:
    """A model with random weights of any kind that transformers knows."""
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **{**COMMON, **own})
    return AutoModelForCausalLM.from_config(config).eval().requires_grad_(False)


@pytest.fixture(params=["mamba", "jamba"])
def uncalled(request, tmp_path) -> Path:
    """A folder with a model of which a layer's weight is used without calling the layer."""
    own = {
        "mamba": {"state_size": 4},
        "jamba": {
            **GROUPED,
            "num_experts": 1,
            "num_experts_per_tok": 1,
            "attn_layer_period": 2,
            "attn_layer_offset": 1,
            "mamba_d_state": 4,
            "use_mamba_kernels": False,
        },
    }[request.param]
    made(request.param, **own).save_pretrained(tmp_path / "model")
    save_file({"input_ids": tiny_ids(4, 16)}, tmp_path / "ids.safetensors")
    return tmp_path


@pytest.mark.parametrize("method", ["wanda", "sparsegpt", "gblm", "hgla"])
def test_a_layer_that_its_block_never_calls(uncalled, method):
    output = uncalled / "pruned"
    with pytest.raises(FairpruneError, match=DT_PROJ):
        prune_model(
            uncalled / "model",
            method,
            output,
            sparsity="0.5",
            calibration=uncalled / "ids.safetensors",
        )
    assert not output.exists()


@pytest.mark.parametrize("measure", [measure_activations, compute_gradients])
def test_its_statistics(uncalled, measure):
    output = uncalled / "statistics.safetensors"
    with pytest.raises(FairpruneError, match=DT_PROJ):
        measure(uncalled / "model", uncalled / "ids.safetensors", output)
    assert not output.exists()


def test_it_can_be_pruned_without_statistics(uncalled):
    card = read_card(prune_model(uncalled / "model", "magnitude", uncalled / "p", sparsity="0.5"))
    assert card["figures"]["sparsity"] == pytest.approx(0.5, abs=1e-3)
    model = load_variant(uncalled / "model", open_pruned(uncalled / "p"))
    assert model(tiny_ids()).logits.isfinite().all()


def test_hidden_states_of_four_axes():
    """Gemma-3n carries four versions of them: their number was taken for that of samples."""
    model = made(
        "gemma3n_text",
        **{**GROUPED, **OWN_HEADS, **SLIDING},
        num_hidden_layers=5,
        intermediate_size=[48] * 5,
        activation_sparsity_pattern=[0.0] * 5,
        layer_types=["sliding_attention", "full_attention"] * 2 + ["full_attention"],
        num_kv_shared_layers=0,
        vocab_size_per_layer_input=97,
        hidden_size_per_layer_input=8,
        laurel_rank=4,
    )
    with pytest.raises(FairpruneError, match=r"states of shape \(4, 3, 24, 32\), not samples"):
        Walk(Blocks(model), tiny_ids()).embed()


def test_blocks_that_hand_on_more_than_hidden_states():
    own = {"mamba_n_heads": 4, "mamba_d_head": 16, "mamba_n_groups": 1, "mamba_d_state": 8}
    model = made("bamba", **GROUPED, **own, attn_layer_indices=[1], mamba_chunk_size=8)
    with pytest.raises(FairpruneError, match="BambaForCausalLM wants more of its blocks"):
        Walk(Blocks(model), tiny_ids()).embed()


def test_keys_that_later_blocks_use_again(tmp_path):
    """Wanda goes through in order; gradients, and a search, would miss what goes that way."""
    types = ["sliding_attention", "full_attention"] * 2
    shared = {"num_hidden_layers": 4, "layer_types": types, "num_kv_shared_layers": 2}
    tiny_model("gemma4", **shared).save_pretrained(tmp_path / "m")
    ids = tmp_path / "ids.safetensors"
    save_file({"input_ids": tiny_ids(4, 16)}, ids)
    prune_model(tmp_path / "m", "wanda", tmp_path / "p", sparsity="0.5", calibration=ids)
    with pytest.raises(FairpruneError, match="blocks hand shared_kv_states to later ones"):
        compute_gradients(tmp_path / "m", ids, tmp_path / "g.safetensors")
    with pytest.raises(FairpruneError, match="blocks hand shared_kv_states to later ones"):
        how = {"sparsity": "0.5", "allocation": "neuroal-row", "calibration": ids}
        prune_model(tmp_path / "m", "wanda", tmp_path / "q", **how)


def test_blocks_that_are_called_twice():
    """Six hidden layers, says the configuration; three blocks stand in the tree, twice."""
    model = tiny_model("llama2")
    model.model.layers.extend(list(model.model.layers))
    model.config.num_hidden_layers = 6
    with pytest.raises(FairpruneError, match="does not call the 6 blocks"):
        Walk(Blocks(model), tiny_ids()).embed()


def test_a_list_of_the_right_length_that_holds_no_blocks():
    model = tiny_model("llama2")
    model.model.others = torch.nn.ModuleList(torch.nn.Linear(2, 2) for _ in range(4))
    model.config.num_hidden_layers = 4
    with pytest.raises(FairpruneError, match="does not call the 4 blocks"):
        Walk(Blocks(model), tiny_ids()).embed()


@pytest.mark.parametrize("opened", [open_blocks, load_model])
def test_files_of_a_deeper_model(tmp_path, opened):
    tiny_model("llama2").save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 2}))
    with pytest.raises(FairpruneError, match=r"model\.layers\.2\..* is stored, but .* 2 hidden"):
        opened(tmp_path, "cpu")


@pytest.mark.parametrize("opened", [open_blocks, load_model])
def test_files_with_a_bias_that_would_be_left_out(tmp_path, opened):
    """As methods leave behind that make up for what they prune: without it the model is another."""
    tiny_model("llama2").save_pretrained(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    width = tensors["model.layers.0.self_attn.o_proj.weight"].shape[0]
    tensors["model.layers.0.self_attn.o_proj.bias"] = torch.ones(width)
    save_file(tensors, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(FairpruneError, match=r"layers\.0\.self_attn\.o_proj\.bias is stored, but"):
        opened(tmp_path, "cpu")
