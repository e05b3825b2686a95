"""Allocations against values worked out by hand and plain formulations."""

from decimal import Decimal

import numpy as np
import pytest
import torch
from tiny import save_ids, save_tiny

from fairprune.models.blocks import open_blocks
from fairprune.models.folder import open_model
from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.pruning.allocate import (
    Model,
    allocate,
    block_shapes,
    clip,
    clipped,
    spread_about,
)
from fairprune.pruning.allocations.alphapruning import exponent
from fairprune.pruning.allocations.dlp import middle
from fairprune.pruning.allocations.owl import outlier_share
from fairprune.pruning.block import prune_block
from fairprune.pruning.method import resolve
from fairprune.pruning.neuroal import STEPS, Search, row_shares
from fairprune.pruning.observation import Wanted, observe, wanted_by
from fairprune.pruning.readers import readers
from fairprune.pruning.statistics import Evidence
from fairprune.statistics.activations import dense_activations
from fairprune.statistics.calibration import open_calibration


def test_spread_by_hand():
    # D = 1, 3, 2 with λ = 0.1: rescaled 0, 0.2, 0.1; mean 0.1; about 1 − 0.6.
    found = spread_about(torch.tensor([1.0, 3.0, 2.0]), 0.4, 0.1)
    torch.testing.assert_close(found, torch.tensor([0.3, 0.5, 0.4]))
    same = spread_about(torch.tensor([2.0, 2.0]), 0.4, 0.1)
    torch.testing.assert_close(same, torch.tensor([0.4, 0.4]))


def test_clipped_entries_stay_and_the_others_keep_the_mean():
    shares = [-0.1, 0.5, 0.7, 1.2]
    plain = clip(shares, [1, 1, 1, 1], Decimal("0.575"), False)
    assert plain == [0.01, 0.5, 0.7, 0.99]
    shifted = clip(shares, [1, 1, 1, 1], Decimal("0.575"), True)
    assert shifted == pytest.approx([0.01, 0.55, 0.75, 0.99])
    weighted = clip(shares, [2, 1, 1, 4], Decimal("0.7"), True)
    assert weighted[0], weighted[3] == (0.01, 0.99)
    assert np.average(weighted, weights=[2, 1, 1, 4]) == pytest.approx(0.7)


def test_a_shift_that_clips_further_entries():
    shares = torch.tensor([1.3, 0.9, 0.02], dtype=torch.float64)
    found = clipped(shares, torch.ones(3, dtype=torch.float64), 0.8, True, 0.0, 1.0)
    assert found.mean() == pytest.approx(0.8)
    assert found[0] == 0.99
    assert 0 < found.min() < found.max() < 1


def test_shares_are_the_decimals_that_are_meant():
    kept = spread_about(torch.arange(5.0, dtype=torch.float64), 0.4, 0.15)
    found = clip((1 - kept).tolist(), [1] * 5, Decimal("0.6"), False)
    assert found == [0.75, 0.675, 0.6, 0.525, 0.45]


def test_outliers_by_hand():
    scores = [torch.tensor([[1.0, 1.0, 1.0, 20.0]]), torch.tensor([[1.0, 1.0, 1.0, 6.0]])]
    # mean 4: above 4 are 20 and 6; above 12 only 20.
    assert outlier_share(scores, 1.0) == 25
    assert outlier_share(scores, 3.0) == 12.5


def test_exponent_of_a_known_power_law():
    # Eigenvalues with a tail P(λ > x) = x^(1−α) from 1 on: the Hill estimate finds α.
    rank = torch.arange(1, 401, dtype=torch.float64)
    values = (rank / 401) ** (-1 / 2.0)  # α = 3
    weight = torch.diag(values.sqrt()).float()
    assert exponent(weight, "code") == pytest.approx(3.0, abs=0.15)


@pytest.mark.parametrize("window", ["code", "log"])
def test_exponent_against_plain_loops(window):
    weight = torch.randn(60, 90, generator=torch.Generator().manual_seed(3))
    values = np.sort(np.linalg.svd(weight.numpy().astype(np.float64), compute_uv=False) ** 2)
    logs = np.log10(values)
    counts, edges = np.histogram(logs, 100)
    peak = edges[counts.argmax()]
    best = None
    for k in range(len(values) - 1):
        lower = np.log10(0.95 * 10**peak)
        if not ((values[k] if window == "code" else logs[k]) > lower):
            continue
        if values[k] >= 1.5 * 10**peak:
            break
        tail = values[k:]
        alpha = 1 + len(tail) / np.log(tail / tail[0]).sum()
        steps = np.arange(len(tail)) / len(tail)
        distance = np.abs(1 - (tail / tail[0]) ** (1 - alpha) - steps).max()
        if best is None or distance < best[0]:
            best = distance, alpha
    assert exponent(weight, window) == pytest.approx(best[1], rel=1e-4)


@pytest.mark.parametrize("weight", [torch.zeros(4, 4), torch.eye(5), torch.ones(3, 3)])
def test_exponent_of_degenerate_spectra(weight):
    assert exponent(weight, "code") is None


def test_readers():
    llama = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"]
    llama += ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"]
    blocks = [[f"l.{i}.{name}" for name in llama] for i in range(2)]
    found = readers(blocks)
    assert found == {
        "l.0.self_attn.q_proj": "l.0.self_attn.o_proj",
        "l.0.self_attn.k_proj": "l.0.self_attn.o_proj",
        "l.0.self_attn.v_proj": "l.0.self_attn.o_proj",
        "l.0.self_attn.o_proj": "l.0.mlp.gate_proj",
        "l.0.mlp.gate_proj": "l.0.mlp.down_proj",
        "l.0.mlp.up_proj": "l.0.mlp.down_proj",
        "l.0.mlp.down_proj": "l.1.self_attn.q_proj",
    }
    opt = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj"]
    opt += ["fc1", "fc2"]
    found = readers([[f"d.{i}.{name}" for name in opt] for i in range(2)])
    assert found["d.0.self_attn.out_proj"] == "d.0.fc1"
    assert found["d.0.fc1"] == "d.0.fc2"
    assert found["d.0.fc2"] == "d.1.self_attn.q_proj"


def test_row_shares():
    lost = torch.tensor([0.0, 1.0, 4.0], dtype=torch.float64)
    plain = row_shares(lost, 0.95, 0.2, False)
    # ratios 0, .1, .4, mean 1/6, about 0.05: sparsities 1.1167, 1.0167, 0.7167, then clipped.
    assert plain.tolist() == pytest.approx([0.99, 0.99, 0.716666666667])
    assert row_shares(lost, 0.95, 0.2, True).mean() == pytest.approx(0.95)
    assert row_shares(lost, 0.5, 0.0, True).tolist() == [0.5, 0.5, 0.5]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("allocations")
    saved = open_model(save_tiny(folder / "m", "llama2"))
    texts = open_calibration(save_ids(folder / "ids.safetensors"), saved)
    return open_blocks(saved, "cpu"), texts.ids


def model(opened, name, **arguments):
    blocks, ids = opened
    method = resolve(name, sparsity="0.6", **arguments)
    evidence = Evidence()
    if method.dense_activations:
        evidence = Evidence(dense=dense_activations(Walk(blocks, ids)))
    return Model(block_shapes(blocks), blocks, method, evidence, ids)


@pytest.mark.parametrize("allocation", ["owl", "dlp", "alphapruning", "neuroal-block"])
def test_weighted_mean_is_the_target(opened, allocation):
    viewed = model(opened, "wanda", allocation=allocation)
    shares, _ = allocate(viewed)
    sizes = {layer: rows * columns for layer, (rows, columns) in viewed.layers.items()}
    mean = sum(shares[layer] * n for layer, n in sizes.items()) / sum(sizes.values())
    assert mean == pytest.approx(0.6, abs=1e-9)
    assert len({shares[layer] for layer in viewed.blocks[0]}) == 1
    assert len(set(shares.values())) > 1


@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_dlp_against_its_formula(opened, statistic):
    how = {"allocation.statistic": statistic, "allocation.renormalise": False}
    viewed = model(opened, "magnitude", allocation="dlp", options=how | {"allocation.alpha": 0.2})
    shares, _ = allocate(viewed)
    middles = []
    for number in range(len(viewed.blocks)):
        with viewed.weights(number) as weights:
            scores = [
                (weight.double().abs() * viewed.evidence.dense[name].double()).numpy().ravel()
                for name, weight in weights.items()
            ]
        scores = np.sort(np.concatenate(scores))
        middles.append(scores[(len(scores) - 1) // 2] if statistic == "median" else scores.mean())
    found = np.array(middles)
    kept = (found.max() - found) / (found.max() - found.min()) * 2 * 0.2
    kept += (1 - 0.6) - kept.mean()
    for block, expected in zip(viewed.blocks, 1 - kept, strict=True):
        assert [shares[layer] for layer in block] == pytest.approx([expected] * 7, abs=1e-6)


def test_the_lower_median_of_an_even_count():
    scores = [torch.tensor([[4.0, 1.0]]), torch.tensor([[2.0], [3.0]])]
    assert middle(scores, "median") == 2.0
    assert middle(scores, "mean") == 2.5


def test_row_means_are_the_blocks(opened):
    viewed = model(opened, "wanda", allocation="neuroal")
    shares, figures = allocate(viewed)
    assert set(figures["lambda"]) == {"block", "row"}
    for block in viewed.blocks:
        means = [float(shares[layer].mean()) for layer in block]
        assert means == pytest.approx([means[0]] * len(means))
    varied = [layer for layer, share in shares.items() if share.std() > 1e-6]
    if figures["lambda"]["row"] > 0:
        assert any("self_attn.q_proj" in layer for layer in varied)
    assert not any(layer.startswith("model.layers.2") for layer in varied)


@pytest.mark.parametrize("name", ["wanda", "magnitude", "sparsegpt"])
def test_the_search_finds_what_judging_each_alone_finds(opened, name):
    viewed = model(opened, name, allocation="neuroal-block")
    sizes = viewed.sizes()
    candidates = []
    for step in STEPS:
        kept = spread_about(torch.arange(3.0, dtype=torch.float64), 0.4, step)
        shares = (1 - kept.sort(descending=True).values).tolist()
        candidates.append(viewed.spread(clip(shares, sizes, Decimal("0.6"), True)))
    search = Search(viewed, 4)
    found, change = search.best(candidates)
    judged = [_judge(search, shares) for shares in candidates]
    totals = [total for total, _ in judged]
    assert found == totals.index(min(totals))
    for layer, expected in judged[found][1].items():
        assert torch.equal(change[layer], expected)


def _judge(search, shares):
    """One candidate, walked through the model alone."""
    walk, total, change = search.walk, 0.0, {}
    hidden = walk.embed()
    for index, name in enumerate(walk.names):
        with walk.block(index) as block:
            layers = find_layers(name, block)
            wanted = wanted_by(search.method).also("activations")
            before, _ = observe(walk, index, block, layers, hidden, wanted)
            prune_block(layers, search.method, shares, search.evidence, before)
            norms = Wanted(frozenset({"activations"}))
            after, hidden = observe(walk, index, block, layers, hidden, norms, outputs=True)
        for layer in layers:
            a, b = before.norm(layer), after.norm(layer)
            change[layer] = a - b
            total += float((a / a.sum() - b / b.sum()).square().sum().sqrt()) / len(a)
    return total, change
