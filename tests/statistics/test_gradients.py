"""Gradients by block and by batch are those of one backward pass a sample."""

import gc
import weakref
from typing import ClassVar

import pytest
import torch
from plain_statistics import gradients
from safetensors.torch import load_file
from shared import SHARED, needs_shared
from tiny_models import ARCHITECTURES, tiny_ids, tiny_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from fairprune.errors import FairpruneError
from fairprune.models.blocks import Blocks, open_blocks
from fairprune.models.memory import WHOLE_SHARE, Memory
from fairprune.models.walk import Walk
from fairprune.statistics import batch_by_batch as batch_module
from fairprune.statistics import loss as loss_module
from fairprune.statistics.batch_by_batch import NoRoom, opened
from fairprune.statistics.block_by_block import backward_block, forward_all
from fairprune.statistics.gradients import NORMS, GradientNorms
from fairprune.statistics.loss import head_gradients


def block_wise(walk, loss="full", scale=100.0, norms=NORMS):
    received, hidden = forward_all(walk)
    upstream, losses = head_gradients(walk, hidden, loss, scale)
    found = {}
    for index in reversed(range(len(walk))):
        upstream, norm = backward_block(walk, index, received[index], upstream, norms)
        found |= norm
    return found, losses.tolist()


def batch_wise(walk, loss="full", scale=100.0, norms=NORMS):
    found, losses = {}, []
    with opened(walk, norms) as passes:
        for number, x in enumerate(walk.staged(passes.hidden)):
            losses += passes.add(number, x, loss, scale).tolist()
        for sums in passes.sums:
            found |= sums.result()
    return found, losses


both_ways = pytest.mark.parametrize("way", [block_wise, batch_wise])


def close(found, expected, tolerance=1e-5):
    for key, norm in found.items():
        assert norm.dtype == torch.float32
        error = (norm.double() - expected[key]).norm() / expected[key].norm().clamp_min(1e-30)
        assert error <= tolerance, key


@both_ways
@pytest.mark.parametrize("loss", ["full", "last_token"])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_architecture(name, loss, way):
    model = tiny_model(name)
    ids = tiny_ids()
    found, losses = way(Walk(Blocks(model), ids, batch_size=2), loss)
    expected, expected_losses = gradients(model, ids, loss)
    assert losses == pytest.approx(expected_losses, rel=1e-5)
    # Gemma 4's query gradients are small differences of large terms, in either formulation.
    close(found, expected, 5e-5 if name == "gemma4" else 1e-5)
    assert all(norm.any() for norm in found.values())


@both_ways
@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_of_any_batch_size(batch_size, way):
    model, ids = tiny_model("llama3"), tiny_ids(7)
    found, _ = way(Walk(Blocks(model), ids, batch_size))
    close(found, gradients(model, ids)[0])


class Mode(torch.autograd.Function):
    """Notes how torch is told to choose its kernels when a gradient comes by."""

    seen: ClassVar[list[int]] = []

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, dy):
        Mode.seen.append(torch.get_deterministic_debug_mode())
        return dy


@both_ways
def test_attention_goes_back_in_a_fixed_order(way):
    """With a warning alone, torch's fast attention adds in any order on a GPU."""
    model, before = tiny_model("llama3"), torch.get_deterministic_debug_mode()
    for block in model.model.layers:
        block.self_attn.o_proj.register_forward_hook(lambda _, args, out: Mode.apply(out))
    way(Walk(Blocks(model), tiny_ids()))
    strict = 2
    assert Mode.seen and set(Mode.seen) == {strict}
    assert torch.get_deterministic_debug_mode() == before


@both_ways
def test_only_the_norms_that_are_wanted(way):
    found, _ = way(Walk(Blocks(tiny_model("llama3")), tiny_ids()), norms=["l1"])
    assert found and all(key.startswith("l1.model.layers.") for key in found)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_both_ways_give_the_same_bits(name):
    model, ids = tiny_model(name), tiny_ids(7)
    blocks, batches = (way(Walk(Blocks(model), ids, 2)) for way in (block_wise, batch_wise))
    assert blocks[0].keys() == batches[0].keys()
    assert all(torch.equal(blocks[0][key], batches[0][key]) for key in blocks[0])
    assert blocks[1] == batches[1]


def graph_bytes(model, ids):
    """What the memory must allow so that one batch after the other goes through all blocks."""
    lower, upper = 0, 2**40
    while upper - lower > 1:
        middle = (lower + upper) // 2
        try:
            batch_wise(Walk(Blocks(model, Memory(host=middle)), ids, len(ids)))
            upper = middle
        except NoRoom:
            lower = middle
    return upper * WHOLE_SHARE


def test_what_a_batch_takes_is_counted():
    """A longer batch takes as much more as its values do, and no weight more."""
    model = tiny_model("llama3")
    short, longer, longest = (graph_bytes(model, tiny_ids(n)[:, :16]) for n in (2, 4, 6))
    weights = sum(p.numel() * 4 for p in model.model.layers.parameters())
    assert short > 3 * weights
    assert longest - longer == pytest.approx(longer - short, rel=0.1)
    a_token = (longer - short) / (2 * 16 * len(model.model.layers))
    layers = [m for m in model.model.layers[0].modules() if isinstance(m, torch.nn.Linear)]
    assert a_token > 4 * sum(layer.out_features for layer in layers[:-1])


@both_ways
def test_an_output_that_is_changed_in_place_is_computed_again(way):
    class InPlace(torch.nn.Module):
        def __init__(self, linear):
            super().__init__()
            self.linear = linear

        def forward(self, x):
            return self.linear(x).mul_(2)

    model = tiny_model("llama2")
    for block in model.model.layers:
        block.self_attn.o_proj = InPlace(block.self_attn.o_proj)
    ids = tiny_ids()
    close(way(Walk(Blocks(model), ids))[0], gradients(model, ids)[0])


def test_what_found_no_room_is_gone(monkeypatch):
    """Nothing of the graph, nor of the sums, stays beside what goes block by block."""
    monkeypatch.setattr(batch_module.Held, "bytes", lambda held: 2**60 * (len(held._sizes) > 40))
    walk = Walk(Blocks(tiny_model("llama3")), tiny_ids())
    made, sums = [], batch_module.GradientNorms.__init__
    monkeypatch.setattr(
        batch_module.GradientNorms,
        "__init__",
        lambda self, *args: made.append(weakref.ref(self)) or sums(self, *args),
    )
    with pytest.raises(NoRoom):
        batch_wise(walk)
    gc.collect()
    assert made and all(each() is None for each in made)


def test_a_saved_value_that_is_changed_is_seen():
    """Autograd looks itself, but not where what it saves is counted."""

    class Changed(torch.nn.Module):
        def __init__(self, linear):
            super().__init__()
            self.linear = linear

        def forward(self, x):
            gate = torch.sigmoid(x)
            y = self.linear(x * gate)
            gate.mul_(2)
            return y

    for way in (block_wise, batch_wise):
        model = tiny_model("llama2")
        model.model.layers[1].mlp.up_proj = Changed(model.model.layers[1].mlp.up_proj)
        with pytest.raises(RuntimeError, match=r"changed in place|inplace operation"):
            way(Walk(Blocks(model), tiny_ids()))


@both_ways
def test_the_head_in_short_stretches(monkeypatch, way):
    model, ids = tiny_model("llama3"), tiny_ids()
    monkeypatch.setattr(loss_module, "CHUNK_BYTES", {"cpu": 4 * 97 * 5 * 7})
    found, losses = way(Walk(Blocks(model), ids))
    expected, expected_losses = gradients(model, ids)
    assert losses == pytest.approx(expected_losses, rel=1e-5)
    close(found, expected)


@both_ways
def test_a_layer_that_is_used_twice_has_one_gradient(way):
    class Twice(torch.nn.Module):
        def __init__(self, linear):
            super().__init__()
            self.linear = linear

        def forward(self, x):
            return self.linear(torch.tanh(self.linear(x)))

    model = tiny_model("llama2")
    for block in model.model.layers:
        block.self_attn.o_proj = Twice(block.self_attn.o_proj)
    ids = tiny_ids()
    found, _ = way(Walk(Blocks(model), ids, batch_size=2))
    close(found, gradients(model, ids)[0])


@both_ways
def test_a_layer_that_nothing_comes_from_has_no_gradient(way):
    class Aside(torch.nn.Module):
        def __init__(self, linear):
            super().__init__()
            self.linear, self.aside = linear, torch.nn.Linear(linear.in_features, 4)

        def forward(self, x):
            self.aside(x)
            return self.linear(x)

    model, ids = tiny_model("llama2"), tiny_ids()
    model.model.layers[1].mlp.up_proj = Aside(model.model.layers[1].mlp.up_proj)
    found, _ = way(Walk(Blocks(model), ids))
    assert torch.equal(found["l2.model.layers.1.mlp.up_proj.aside"], torch.zeros(4, 32))


def test_by_hand():
    """Two samples, one token: g = dy ⊗ x."""
    norms = GradientNorms({"layer": torch.nn.Linear(2, 1)}, NORMS, slot=2)
    norms.add(
        "layer", torch.tensor([[[1.0, 2.0]], [[3.0, 0.0]]]), torch.tensor([[[1.0]], [[-2.0]]])
    )
    found = norms.result()
    assert torch.equal(found["l1.layer"], torch.tensor([[1.0 + 6.0, 2.0]]))
    assert torch.allclose(found["l2.layer"], torch.tensor([[37.0**0.5, 2.0]]))


def test_a_gradient_that_is_no_number_names_its_layer():
    norms = GradientNorms(dict.fromkeys(["fine", "broken"]), ["l2"], slot=1)
    norms.add("fine", torch.ones(1, 1, 2), torch.ones(1, 1, 2))
    norms.add("broken", torch.ones(1, 1, 2), torch.full((1, 1, 2), float("inf")))
    with pytest.raises(FairpruneError, match="gradient of broken is NaN or infinite"):
        norms.result()


def exact(folder, ids, loss):
    """The norms by float32, and by one float64 backward pass a sample."""
    found, _ = block_wise(Walk(open_blocks(folder, "cpu", "float32"), ids), loss)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64)
    return found, gradients(model.eval(), ids, loss)[0]


@pytest.mark.parametrize("loss", ["full", "last_token"])
def test_a_vocabulary_of_real_size(loss, tmp_path):
    """The head's sums over 128,256 tokens keep their digits, also where one token is judged."""
    tiny_model("llama2", vocab_size=128_256, num_hidden_layers=2).save_pretrained(tmp_path)
    close(*exact(tmp_path, tiny_ids(2), loss))


@pytest.mark.parametrize("loss", ["full", "last_token"])
@pytest.mark.long("of a real model")
def test_a_real_model(loss, real_model):
    text = (SHARED / "data/wikitext2/test_raw.txt").read_text(encoding="utf-8")[:6000]
    tokens = AutoTokenizer.from_pretrained(real_model)(text)["input_ids"]
    close(*exact(real_model, torch.tensor(tokens[:256]).view(2, 128), loss))


@both_ways
@needs_shared
@pytest.mark.parametrize("loss", ["full", "last_token"])
def test_golden(loss, way):
    folder = SHARED / "golden/stories260k"
    ids = load_file(folder / "calibration.safetensors")["input_ids"]
    file = {"full": "gradients_full_loss", "last_token": "gradients_last_token"}[loss]
    expected = load_file(folder / f"{file}.safetensors")
    found, _ = way(Walk(open_blocks(SHARED / "models/stories260k", "cpu"), ids), loss)
    assert found.keys() == expected.keys()
    for key, norm in found.items():
        error = (norm - expected[key].float()).norm() / expected[key].float().norm()
        assert error <= (1e-2 if key.startswith("l1") else 1e-4), key
