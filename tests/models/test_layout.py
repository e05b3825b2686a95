"""Blocks, layers and groups of layers are found from the module tree."""

import pytest
import torch
from tiny_models import ARCHITECTURES, COMMON, tiny_ids, tiny_model
from transformers import AutoConfig, AutoModelForCausalLM

from fairprune.errors import FairpruneError
from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_blocks, find_layers, observed_inputs
from fairprune.models.walk import Walk


def groups(name: str) -> list[list[str]]:
    """The layers of the second block by what they receive, last parts of their names."""
    walk = Walk(Blocks(tiny_model(name)), tiny_ids(), batch_size=2)
    hidden = walk.embed()
    with walk.block(1) as block:
        layers = find_layers(walk.names[1], block)
        with observed_inputs(block, layers, lambda name, x: None) as leaders:
            walk.run(1, block, hidden)
    assert leaders.keys() == layers.keys()
    found = {}
    for layer, leader in leaders.items():
        found.setdefault(leader, []).append(layer.rsplit(".", 1)[-1])
    return list(found.values())


LLAMA = [["q_proj", "k_proj", "v_proj"], ["o_proj"], ["gate_proj", "up_proj"], ["down_proj"]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("llama3", LLAMA),
        ("gemma3", LLAMA),
        ("qwen3", LLAMA),
        ("phi3", [["qkv_proj"], ["o_proj"], ["gate_up_proj"], ["down_proj"]]),
        ("phi2", [["q_proj", "k_proj", "v_proj", "fc1"], ["dense"], ["fc2"]]),
        ("opt", [["q_proj", "k_proj", "v_proj"], ["out_proj"], ["fc1"], ["fc2"]]),
        ("pythia", [["query_key_value"], ["dense"], ["dense_h_to_4h"], ["dense_4h_to_h"]]),
        ("falcon", [["query_key_value", "dense_h_to_4h"], ["dense"], ["dense_4h_to_h"]]),
    ],
)
def test_layers_that_share_an_input_form_a_group(name, expected):
    assert groups(name) == expected


def test_layers_have_full_paths_in_order():
    path, blocks = find_blocks(tiny_model("llama2"))
    assert path == "model.layers"
    assert list(find_layers(f"{path}.0", blocks[0]))[:2] == [
        "model.layers.0.self_attn.q_proj",
        "model.layers.0.self_attn.k_proj",
    ]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_layers_are_modules_of_the_model(name):
    model = tiny_model(name)
    path, blocks = find_blocks(model)
    assert len(blocks) == 3
    for index, block in enumerate(blocks):
        for layer, module in find_layers(f"{path}.{index}", block).items():
            assert model.get_submodule(layer) is module


def test_a_vision_tower_of_the_same_depth_is_left_alone():
    text = {**COMMON, "head_dim": 8, "num_key_value_heads": 2, "sliding_window": 8}
    vision = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3}
    vision |= {"num_attention_heads": 4, "image_size": 28, "patch_size": 14}
    config = AutoConfig.for_model("gemma3", text_config=text, vision_config=vision)
    model = AutoModelForCausalLM.from_config(config).eval()
    path, _ = find_blocks(model)
    assert "language_model" in path
    walk = Walk(Blocks(model), tiny_ids(), batch_size=2)
    hidden = walk.embed()
    for index in range(len(walk)):
        with walk.block(index) as block:
            hidden = walk.run(index, block, hidden)
    with torch.no_grad():
        for ids, logits in zip(walk.input_ids, walk.finish(hidden), strict=True):
            assert torch.equal(logits, model(ids).logits)


def test_a_mixture_of_experts_is_refused():
    config = AutoConfig.for_model("mixtral", **COMMON, num_key_value_heads=2)
    with pytest.raises(FairpruneError, match=r"mixture of experts \(model.layers.0.mlp.experts"):
        find_blocks(AutoModelForCausalLM.from_config(config))


def test_blocks_without_linear_layers_are_refused():
    config = AutoConfig.for_model("gpt2", n_layer=2, n_embd=8, n_head=2, vocab_size=97)
    path, blocks = find_blocks(AutoModelForCausalLM.from_config(config))
    with pytest.raises(FairpruneError, match=r"transformer.h.0 \(GPT2Block\) has no"):
        find_layers(f"{path}.0", blocks[0])


def test_no_list_of_blocks_is_an_error():
    model = tiny_model("llama2")
    model.config.num_hidden_layers = 7
    with pytest.raises(FairpruneError, match="0 module lists of 7 blocks"):
        find_blocks(model)


def test_two_lists_of_blocks_are_an_error():
    model = tiny_model("llama2")
    model.model.others = torch.nn.ModuleList(torch.nn.Linear(2, 2) for _ in range(3))
    with pytest.raises(FairpruneError, match=r"2 module lists of 3 .*model.layers, model.others"):
        find_blocks(model)
