"""Everything goes by the same files of a model, and by nothing else that lies beside them."""

import json
import shutil

import pytest
import torch
from faults.harness import Bench
from safetensors.torch import load_file, save_file
from tiny_models import tiny_ids, tiny_model

from fairprune.errors import FairpruneError
from fairprune.models.blocks import open_blocks
from fairprune.models.download import choose_files
from fairprune.models.identity import weights_digest
from fairprune.models.loading import load_model
from fairprune.models.weights import INDEX, SINGLE, weight_files


@pytest.fixture
def folder(tmp_path):
    """A model in one file, with the calibration ids that a step needs."""
    tiny_model("llama3").save_pretrained(tmp_path / "model")
    save_file({"input_ids": tiny_ids()}, tmp_path / "ids.safetensors")
    return tmp_path / "model"


def _shards(folder, seed=1):
    """Another model in the folder, in shards, with an index."""
    (folder / SINGLE).unlink(missing_ok=True)
    tiny_model("llama3", seed).save_pretrained(folder, max_shard_size="30KB")


def _single(folder):
    tiny_model("llama3").save_pretrained(folder)


def _both(folder):
    _shards(folder.parent / "other")
    for file in (folder.parent / "other").glob("model*"):
        shutil.copy(file, folder)
    assert {SINGLE, INDEX} <= {file.name for file in folder.iterdir()}


def _outside(folder):
    _shards(folder)
    index = json.loads((folder / INDEX).read_text())
    names = index["weight_map"]
    first = min(names.values())
    (folder / first).rename(folder.parent / first)
    names |= {key: f"../{first}" for key, name in names.items() if name == first}
    (folder / INDEX).write_text(json.dumps(index))


def _two(folder):
    (folder / SINGLE).rename(folder / "a.safetensors")
    shutil.copy(folder / "a.safetensors", folder / "b.safetensors")


def _leftover(folder):
    shutil.copy(folder / SINGLE, folder / "model-00001-of-00002.safetensors")


def _twice(folder):
    """One tensor in two shards, of which the index names one."""
    _shards(folder)
    first, second = sorted(folder.glob("model-*"))[:2]
    name, tensor = next(iter(load_file(first).items()))
    save_file(load_file(second) | {name: tensor + 1}, second, metadata={"format": "pt"})


def _adapter(folder):
    (folder / "adapter_config.json").write_text("{}")


def _renamed(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(
        json.dumps(config | {"transformers_weights": "b.safetensors"})
    )


AMBIGUOUS = {
    "one file and an index of others": (_both, "several weights"),
    "a shard outside of the folder": (_outside, "outside of the folder"),
    "two files without an index": (_two, "several weights"),
    "one file and a shard without an index": (_leftover, "several weights"),
    "a tensor in two shards": (_twice, "stands in both"),
    "an adapter on top": (_adapter, "other weights"),
    "a configuration that names another file": (_renamed, "other weights"),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_masks_and_summaries_refuse_alike(folder, name):
    make, says = AMBIGUOUS[name]
    make(folder)
    for load in (open_blocks, load_model):
        with pytest.raises(FairpruneError, match=says):
            load(folder, "cpu")
    bench = Bench(folder.parent)
    measure = ["--model", "model", "--calibration", "ids.safetensors", "--output", "out"]
    assert says in bench.entry("measure_activations", *measure).error
    if says in ("several weights", "outside of the folder"):
        with pytest.raises(FairpruneError, match=says):
            weights_digest(folder)
        done = bench.entry("download_model", "--model-id", "model", "--output", "got")
        assert says in done.error
    assert not (folder.parent / "out").exists() and not (folder.parent / "got").exists()


@pytest.mark.parametrize("make", [_single, _shards])
def test_what_else_lies_there_is_not_the_model(folder, make):
    """Blocks read one by one, the model loaded whole, and the digest: all of the same tensors."""
    make(folder)
    before = weights_digest(folder)
    save_file({"lm_head.weight": torch.zeros(97, 32)}, folder / "consolidated.safetensors")
    model, blocks = load_model(folder, "cpu"), open_blocks(folder, "cpu")
    with blocks.block(1) as block:
        expected = model.model.layers[1].state_dict()
        for name, tensor in block.state_dict().items():
            assert torch.equal(tensor, expected[name])
    assert model.lm_head.weight.any()
    assert weights_digest(folder) == before
    assert not hasattr(model.config, "transformers_weights")


def test_a_single_file_of_another_name_is_the_model_for_all(folder):
    expected = load_model(folder, "cpu").lm_head.weight
    (folder / SINGLE).rename(folder / "weights.safetensors")
    assert torch.equal(load_model(folder, "cpu").lm_head.weight, expected)
    assert weight_files(folder) == [folder / "weights.safetensors"]


def test_the_hub_is_asked_for_what_its_index_names(tmp_path):
    index = tmp_path / INDEX
    index.write_text(json.dumps({"weight_map": {"a": "part-1.safetensors"}}))
    names = ["config.json", INDEX, "part-1.safetensors", "consolidated.safetensors"]
    assert choose_files(names, "m", lambda _: index) == ["config.json", INDEX, "part-1.safetensors"]
    with pytest.raises(FairpruneError, match="several weights"):
        choose_files([*names, SINGLE], "m", lambda _: index)
    with pytest.raises(FairpruneError, match=r"has no part-1\.safetensors"):
        choose_files(names[:2], "m", lambda _: index)
