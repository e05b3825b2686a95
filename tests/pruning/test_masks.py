"""Packed masks: what is written is read, and what does not fit is refused."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from tiny import all_masks, save_tiny
from tiny_models import tiny_ids

from fairprune.errors import FairpruneError
from fairprune.models.loading import load_model
from fairprune.pruning.masks import Masks, pack, unpack
from fairprune.pruning.variant import all_layers, load_variant, open_pruned
from prune_model import prune_model


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**31))
def test_packing(rows, columns, seed):
    mask = torch.rand(rows, columns, generator=torch.Generator().manual_seed(seed)) < 0.5
    bits = pack(mask)
    assert bits.dtype == np.uint8
    assert bits.shape == (-(-rows * columns // 8),)
    assert torch.equal(unpack(bits, (rows, columns)), mask)


@pytest.fixture
def pruned(tmp_path):
    save_tiny(tmp_path / "m")
    prune_model(tmp_path / "m", "magnitude", tmp_path / "p", sparsity="0.37")
    return tmp_path


def test_file_is_as_documented(pruned):
    from safetensors import safe_open

    with safe_open(pruned / "p/mask.safetensors", "numpy") as file:
        shapes = json.loads(file.metadata()["shapes"])
        name = "model.layers.1.mlp.down_proj"
        assert shapes[name] == [32, 48]
        bits = np.unpackbits(file.get_tensor(name), count=32 * 48)
    assert bits.sum() == int(0.37 * 32 * 48)
    assert len(shapes) == 3 * 7


def test_applied_when_the_model_is_loaded(pruned):
    dense = load_model(pruned / "m", "cpu")
    model = load_variant(pruned / "m", open_pruned(pruned / "p"), "cpu")
    masks = all_masks(pruned / "p")
    before = all_layers(dense)
    for name, layer in all_layers(model).items():
        assert layer.weight[masks[name]].eq(0).all()
        assert torch.equal(layer.weight[~masks[name]], before[name].weight[~masks[name]])
    with torch.no_grad():
        assert model(tiny_ids()).logits.isfinite().all()


def _broken(pruned, change):
    file = pruned / "p/mask.safetensors"
    (pruned / "p/card.json").unlink()
    tensors = load_file(file)
    metadata = {"shapes": json.dumps({name: list(s) for name, s in Masks(file).shapes.items()})}
    change(tensors, metadata)
    save_file(tensors, file, metadata)
    return file


def test_a_layer_of_another_shape(pruned):
    def change(tensors, metadata):
        name = "model.layers.0.mlp.up_proj"
        shapes = json.loads(metadata["shapes"])
        shapes[name] = [32, 48]
        metadata["shapes"] = json.dumps(shapes)

    _broken(pruned, change)
    with pytest.raises(FairpruneError, match=r"for another model: model\.layers\.0\.mlp\.up_proj"):
        load_variant(pruned / "m", open_pruned(pruned / "p"), "cpu")


def test_too_few_bits(pruned):
    def change(tensors, metadata):
        tensors["model.layers.0.mlp.up_proj"] = np.zeros(3, np.uint8)

    _broken(pruned, change)
    with pytest.raises(FairpruneError, match=r"bits of model\.layers\.0\.mlp\.up_proj do not fit"):
        Masks(pruned / "p")


def test_no_shapes(pruned):
    _broken(pruned, lambda tensors, metadata: metadata.pop("shapes"))
    with pytest.raises(FairpruneError, match="lists no shapes"):
        Masks(pruned / "p")


def test_masks_of_another_architecture(pruned, tmp_path):
    save_tiny(tmp_path / "opt", "opt")
    with pytest.raises(FairpruneError, match="is for another model"):
        load_variant(tmp_path / "opt", open_pruned(pruned / "p"), "cpu")


def test_truncated(pruned):
    file = pruned / "p/mask.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(FairpruneError, match="its card says"):
        Masks(pruned / "p")
    (pruned / "p/card.json").unlink()
    with pytest.raises(FairpruneError, match="truncated or corrupt"):
        Masks(pruned / "p")


def test_missing(tmp_path):
    with pytest.raises(FairpruneError, match="does not exist"):
        Masks(tmp_path / "nothing")
