"""Activation norms, moments and Gram matrices are what their definitions say."""

import pytest
import torch
from plain_statistics import inputs
from safetensors.torch import load_file
from shared import SHARED, needs_shared
from tiny_models import ARCHITECTURES, tiny_ids, tiny_model

from fairprune.models.blocks import Blocks, open_blocks
from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.statistics.activations import ActivationNorms, dense_activations
from fairprune.statistics.grams import Grams
from fairprune.statistics.moments import Moments

# Two samples of three tokens and two columns; what follows from them is worked out by hand.
X = torch.tensor([[[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]], [[0.0, 4.0], [0.0, 4.0], [3.0, 1.0]]])


@pytest.mark.parametrize("parts", [1, 2])
def test_by_hand(parts):
    norms, moments, grams = ActivationNorms(), Moments(), Grams()
    for x in X.chunk(parts):
        for statistic in (norms, moments, grams):
            statistic.add("x", x)
    # squares: 1 + 4 + 9 + 9 = 23 and 16 + 16 + 1 = 33, over two samples
    assert torch.allclose(norms.norms()["x"], torch.tensor([11.5, 16.5]).sqrt())
    mean, variance = moments.moments()["x"]
    # sums over tokens 6 and 3, 0 and 9; variances 2/3 and 2 (of 0, 0, 3), 0 and 2 (of 4, 4, 1)
    assert torch.allclose(mean, torch.tensor([4.5, 4.5]))
    assert torch.allclose(variance, torch.tensor([4 / 3, 1.0]))
    gram, samples = grams.gram("x")  # the only token with both columns is (3, 1)
    assert torch.equal(gram, torch.tensor([[23.0, 3.0], [3.0, 33.0]]))
    assert samples == 2


def test_a_wide_gram_matrix_is_whole_and_symmetric():
    x = torch.randn(3, 7, 1100)
    grams = Grams()
    grams.add("x", x)
    found, _ = grams.gram("x")
    rows = x.double().reshape(-1, 1100)
    assert torch.equal(found, found.T)
    assert torch.allclose(found.double(), rows.T @ rows, atol=1e-4)
    assert "x" not in grams.sums  # handed over


def test_half_precision_is_summed_in_float32():
    x = torch.full((4, 512, 3), 30.0, dtype=torch.float16)  # 900 · 2048 is beyond float16
    norms, grams = ActivationNorms(), Grams()
    norms.add("x", x)
    grams.add("x", x)
    assert torch.equal(norms.norms()["x"], torch.full((3,), 900.0 * 512).sqrt())
    assert torch.equal(grams.gram("x")[0], torch.full((3, 3), 4 * 900.0 * 512))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_dense_activations_of_every_architecture(name):
    model = tiny_model(name)
    ids = tiny_ids()
    walk = Walk(Blocks(model), ids, batch_size=2)
    found = dense_activations(walk)
    plain = inputs(model, ids)
    names = [n for i, p in enumerate(walk.names) for n in find_layers(p, walk.blocks.modules[i])]
    assert list(found) == names
    for layer, norm in found.items():
        expected = plain[layer].square().sum(1).mean(0).sqrt()
        assert norm.dtype == torch.float32
        assert torch.allclose(norm.double(), expected, rtol=1e-4, atol=1e-6), layer


@needs_shared
def test_a_real_model():
    folder = SHARED / "models/stories260k"
    ids = load_file(SHARED / "golden/stories260k/calibration.safetensors")["input_ids"][:8]
    blocks = open_blocks(folder, "cpu")
    found = dense_activations(Walk(blocks, ids))
    from fairprune.models.loading import load_model

    plain = inputs(load_model(folder, "cpu"), ids)
    for layer, norm in found.items():
        expected = plain[layer].square().sum(1).mean(0).sqrt()
        assert torch.allclose(norm.double(), expected, rtol=1e-4)
