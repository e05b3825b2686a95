"""What masks have in common, against counting weight by weight."""

import numpy as np
import pytest

from fairprune.pruning import overlap as module
from fairprune.pruning.overlap import count_layers, overlap
from fairprune.pruning.packed import PackedMasks, write_masks

SHAPES = {"a": (37, 53), "b": (8, 8), "c": (1, 3)}  # of which no size is a multiple of 64


def written(folder, number, share=0.4):
    """A mask file, and the masks as they are."""
    dice = np.random.default_rng(number)
    masks = {layer: dice.random(shape) < share for layer, shape in SHAPES.items()}
    file = folder / f"{number}.safetensors"
    write_masks(file, {layer: np.packbits(mask) for layer, mask in masks.items()}, SHAPES)
    return PackedMasks(file), masks


@pytest.mark.parametrize("piece", [1, 2, 10_000])
def test_agrees_with_counting(tmp_path, monkeypatch, piece):
    monkeypatch.setattr(module, "PIECE", piece)
    packed, masks = zip(*(written(tmp_path, n) for n in range(4)), strict=True)
    counted = list(count_layers(packed))
    assert [c.layer for c in counted] == list(SHAPES)
    for c in counted:
        assert c.weights == masks[0][c.layer].size
        for i in range(4):
            for j in range(4):
                assert c.common[i, j] == (masks[i][c.layer] & masks[j][c.layer]).sum()
    found = overlap(counted, 1, 3)
    common = sum((masks[1][layer] & masks[3][layer]).sum() for layer in SHAPES)
    sizes = [sum(m[layer].sum() for layer in SHAPES) for m in (masks[1], masks[3])]
    assert (found.common, found.pruned, found.other_pruned) == (common, *sizes)
    assert found.share == pytest.approx(2 * common / sum(sizes))
    expected = sum(masks[1][n].sum() * masks[3][n].sum() / masks[1][n].size for n in SHAPES)
    assert found.chance == pytest.approx(2 * expected / sum(sizes))


def test_chance_is_counted_layer_by_layer(tmp_path):
    """Two masks that agree only in how much of each layer goes are no more alike than chance."""
    shapes = {"full": (100, 100), "empty": (100, 100)}
    packed = []
    for number in range(2):
        dice = np.random.default_rng(number)
        masks = {"full": dice.random((100, 100)) < 0.9, "empty": dice.random((100, 100)) < 0.1}
        file = tmp_path / f"{number}.safetensors"
        write_masks(file, {n: np.packbits(m) for n, m in masks.items()}, shapes)
        packed.append(PackedMasks(file))
    found = overlap(list(count_layers(packed)), 0, 1)
    assert found.share > 0.8
    assert found.beyond_chance == pytest.approx(0, abs=0.02)


def test_of_oneself_and_of_nothing(tmp_path):
    one, _ = written(tmp_path, 1)
    same = overlap(list(count_layers([one, one])), 0, 1)
    assert (same.share, same.beyond_chance) == (1, 1)
    none, _ = written(tmp_path, 2, share=0)
    nothing = overlap(list(count_layers([none, none])), 0, 1)
    assert (nothing.share, nothing.chance, nothing.beyond_chance) == (None, None, None)


def test_parts_of_large_layers(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PIECE", 2)
    packed, masks = zip(*(written(tmp_path, n) for n in range(2)), strict=True)
    first = next(count_layers(packed, every=3))
    looked = np.concatenate([np.arange(s, min(s + 128, 37 * 53)) for s in range(0, 37 * 53, 384)])
    assert first.weights == len(looked)
    one, two = (m["a"].reshape(-1)[looked] for m in masks)
    assert first.common[0, 1] == (one & two).sum()
