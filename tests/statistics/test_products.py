"""Products by oneDNN or by MKL: the same, but for the order of float32 sums."""

from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM

from fairprune.models.blocks import Blocks
from fairprune.models.walk import Walk
from fairprune.statistics import products
from fairprune.statistics.block_by_block import backward_block, forward_all
from fairprune.statistics.gradients import NORMS
from fairprune.statistics.loss import head_gradients
from fairprune.statistics.products import SMALL, fast_layers, float32_product, linear

LARGE = SMALL + 44


@pytest.fixture(autouse=True, params=[True, False], ids=["oneDNN", "MKL"])
def way(request, monkeypatch):
    """Every test holds of both, whatever this processor is."""
    monkeypatch.setattr(products, "onednn_is_faster", lambda: request.param)


CHOICE = products.onednn_is_faster.__wrapped__


@pytest.mark.parametrize("maker", ["GenuineIntel", "AuthenticAMD"])
@pytest.mark.parametrize("capability", ["AVX2", "AVX512"])
def test_onednn_is_for_instructions_that_mkl_leaves_unused(monkeypatch, maker, capability):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    monkeypatch.setattr(Path, "is_file", lambda _: True)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: f"vendor_id : {maker}")
    assert CHOICE() == (capability == "AVX512" and maker == "AuthenticAMD")


def values(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def difference(found, expected):
    return float((found.double() - expected).norm() / expected.norm())


@pytest.mark.parametrize("rows", [SMALL - 1, SMALL, LARGE])
def test_a_product_is_that_of_float64(rows):
    x, weight = values(rows, 600), values(LARGE, 600, seed=1)
    assert difference(linear(x, weight), x.double() @ weight.double().T) < 1e-6


def test_strided_matrices_need_no_preparation():
    x, weight = values(600, LARGE).T, values(LARGE, 1200, seed=1)[:, ::2]
    assert difference(linear(x, weight), x.double() @ weight.double().T) < 1e-6


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_products_are_summed_in_float32(dtype):
    left, right = values(LARGE, 300).to(dtype), values(300, LARGE, seed=1).to(dtype)
    found = float32_product(left, right)
    assert found.dtype == torch.float32
    assert difference(found, left.double() @ right.double()) < 1e-6


@pytest.mark.parametrize("bias", [True, False])
def test_fast_layers_are_their_layers(bias):
    layer = nn.Linear(LARGE, 2 * LARGE, bias=bias)
    x, dy = values(2, LARGE, LARGE), values(2, LARGE, 2 * LARGE, seed=1)
    x.requires_grad_()
    expected = layer(x)
    (gradient,) = torch.autograd.grad(expected, x, dy)
    with fast_layers({"layer": layer}):
        found = layer(x)
        (fast,) = torch.autograd.grad(found, x, dy)
    assert difference(found, expected.double()) < 1e-6
    assert difference(fast, gradient.double()) < 1e-6
    assert torch.equal(layer(x), expected), "afterwards it is itself again"


def test_layers_of_another_kind_are_left_alone():
    class Doubled(nn.Linear):
        def forward(self, x):
            return 2 * super().forward(x)

    layer, x = Doubled(LARGE, LARGE), values(LARGE, LARGE)
    expected = layer(x)
    with fast_layers({"layer": layer}):
        assert torch.equal(layer(x), expected)


def test_gradient_norms_of_wide_layers_are_those_of_one_backward_pass_a_sample():
    torch.manual_seed(0)
    sizes = {"hidden_size": LARGE - 44, "intermediate_size": LARGE, "num_hidden_layers": 2}
    config = LlamaConfig(**sizes, vocab_size=128, num_attention_heads=4, num_key_value_heads=2)
    model = LlamaForCausalLM(config).eval().requires_grad_(False)
    ids = torch.randint(3, 128, (3, LARGE), generator=torch.Generator().manual_seed(0))
    walk = Walk(Blocks(model), ids)
    received, hidden = forward_all(walk)
    upstream, _ = head_gradients(walk, hidden, "full", 100.0)
    found = {}
    for index in reversed(range(len(walk))):
        upstream, norms = backward_block(walk, index, received[index], upstream, NORMS)
        found |= norms
    model.double().model.layers.requires_grad_(True)
    gradients = []
    for sample in ids:
        model.zero_grad()
        model(sample[None], labels=sample[None], use_cache=False).loss.backward()
        gradients.append(
            {
                n: 100 * p.grad
                for n, p in model.named_parameters()
                if p.ndim == 2 and p.grad is not None
            }
        )
    for key, norm in found.items():
        kind, _, layer = key.partition(".")
        each = torch.stack([g[f"{layer}.weight"] for g in gradients])
        expected = each.abs().sum(0) if kind == "l1" else each.square().sum(0).sqrt()
        assert difference(norm, expected) < 1e-5, key
