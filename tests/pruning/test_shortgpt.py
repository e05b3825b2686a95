"""Whole blocks: which go, and that a model without them is an ordinary, smaller model."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file
from shared import SHARED, needs_shared
from tiny import save_ids, save_tiny
from tiny_models import ARCHITECTURES, tiny_ids, tiny_model

from export_model import export_model
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_blocks
from fairprune.models.loading import load_model
from fairprune.models.walk import Walk
from fairprune.pruning.depth import influences, lowest
from fairprune.pruning.masks import Masks
from fairprune.pruning.scores.shortgpt import shortgpt
from fairprune.pruning.variant import load_variant, open_pruned
from prune_model import prune_model

TIED = {"gemma4"}  # embeddings of every block stand in one weight


def skipping(model, ids, removed):
    """Logits by calling the unpruned model's blocks, all but some."""
    walk = Walk(Blocks(model), ids)
    hidden = walk.embed()
    for index in range(len(walk)):
        with walk.block(index) as block:
            if index not in removed:
                hidden = walk.run(index, block, hidden)
    return torch.cat(list(walk.finish(hidden)))


def pruned(folder, name, sparsity="0.34"):
    save_tiny(folder / "m", name)
    ids = save_ids(folder / "ids.safetensors", 4, 16)
    return prune_model(folder / "m", "shortgpt", folder / "p", sparsity=sparsity, calibration=ids)


@pytest.mark.parametrize("name", [n for n in ARCHITECTURES if n not in TIED])
def test_every_architecture(name, tmp_path):
    made = pruned(tmp_path, name)
    (removed,) = read_card(made)["figures"]["removed_blocks"]
    model = load_variant(tmp_path / "m", open_pruned(made), "cpu")
    ids = tiny_ids(2)
    with torch.no_grad():
        found = model(ids, use_cache=False).logits
    expected = skipping(load_model(tmp_path / "m", "cpu"), ids, {removed})
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    export_model(tmp_path / "m", tmp_path / "x", tmp_path / "p")
    exported = load_model(tmp_path / "x", "cpu")
    assert len(find_blocks(exported)[1]) == 2
    with torch.no_grad():
        assert torch.equal(exported(ids, use_cache=False).logits, found)
    how = {"max_new_tokens": 6, "do_sample": False, "pad_token_id": 0}
    made = [model.generate(ids, use_cache=cache, **how) for cache in (True, False)]
    assert torch.equal(*made)
    assert torch.equal(exported.generate(ids, use_cache=True, **how), made[0])


@pytest.mark.parametrize("name", sorted(TIED))
def test_a_model_that_cannot_do_without_blocks(name, tmp_path):
    with pytest.raises(FairpruneError, match=r"cannot do without some of its blocks: its model\."):
        pruned(tmp_path, name)
    assert not (tmp_path / "p").exists()


def test_influence_by_the_models_own_hidden_states():
    model, ids = tiny_model("llama3"), tiny_ids(7)
    found = influences(Walk(Blocks(model), ids, batch_size=2), shortgpt)
    seen = []
    for block in model.model.layers:
        block.register_forward_hook(lambda _, args, out: seen.append((args[0], out)))
    with torch.no_grad():
        model(ids, use_cache=False)
    for value, (before, after) in zip(found, seen, strict=True):
        before, after = before.double(), after.double()
        cosine = (before * after).sum(-1) / before.norm(dim=-1) / after.norm(dim=-1)
        assert value == pytest.approx(1 - float(cosine.mean()), abs=1e-6)


def test_of_equal_blocks_the_later_goes_first():
    assert lowest([0.3, 0.1, 0.2, 0.1], 1) == [3]
    assert lowest([0.3, 0.1, 0.2, 0.1], 3) == [3, 1, 2]


def test_what_is_written(tmp_path):
    made = pruned(tmp_path, "llama3", "0.7")
    assert sorted(path.name for path in made.iterdir()) == ["card.json", "mask.safetensors"]
    assert Masks(made).shapes == {}
    card = read_card(made)
    figures = card["figures"]
    assert card["parameters"]["group"] == "blocks"
    assert len(figures["removed_blocks"]) == 2 and len(figures["influence"]) == 3
    assert figures["sparsity"] == pytest.approx(2 / 3)
    for layer, found in figures["layers"].items():
        gone = int(layer.split(".")[2]) in figures["removed_blocks"]
        assert found["pruned"] == gone * found["weights"]
    assert made.stat().st_size + (made / "mask.safetensors").stat().st_size < 10_000


def test_a_sparsity_that_removes_nothing_is_refused(tmp_path):
    with pytest.raises(FairpruneError, match=r"of 3 blocks none would go; give at least 0\.3333"):
        pruned(tmp_path, "llama3", "0.33")
    assert not (tmp_path / "p").exists()


def test_of_another_model(tmp_path):
    made = pruned(tmp_path, "llama3")
    save_tiny(tmp_path / "deeper", "llama3", num_hidden_layers=4)
    with pytest.raises(FairpruneError, match="speaks of 3 blocks, this one has 4"):
        load_variant(tmp_path / "deeper", open_pruned(made), "cpu")


def test_without_its_card_it_is_nothing(tmp_path):
    made = pruned(tmp_path, "llama3")
    (made / "card.json").unlink()
    with pytest.raises(FairpruneError, match="holds no masks, and no card"):
        open_pruned(made)


@needs_shared
def test_a_real_model_still_speaks(tmp_path):
    model, golden = SHARED / "models/stories260k", SHARED / "golden/stories260k"
    ids = golden / "calibration.safetensors"
    made = prune_model(model, "shortgpt", tmp_path / "p", sparsity="0.2", calibration=ids)
    tokens = load_file(ids)["input_ids"][:8]
    with torch.no_grad():
        whole = load_model(model, "cpu")(tokens, labels=tokens).loss
        less = load_variant(model, open_pruned(made), "cpu")(tokens, labels=tokens).loss
    assert whole < less < whole + 1.5
    export_model(model, tmp_path / "x", made)
    config = json.loads((tmp_path / "x/config.json").read_text())
    assert config["num_hidden_layers"] == 4
    shutil.rmtree(tmp_path / "x")
