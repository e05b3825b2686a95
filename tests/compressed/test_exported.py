"""A checkpoint that we exported ourselves is, as a compressed model, the variant of its masks."""

import json
import shutil

import pytest
import torch
from compressed.conftest import ROOT
from transformers import AutoModelForCausalLM, AutoTokenizer

from evaluate_fairness import evaluate_fairness
from evaluate_quality import evaluate_quality
from export_model import export_model
from fairprune.data.prepare import prepare_task
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.tables import read_json
from fairprune.language.evaluate import evaluate_language
from fairprune.models.size import held_bytes
from fairprune.pruning.masks import Masks
from fairprune.pruning.variant import load_variant, open_pruned
from fairprune.summaries.generate import generate_summaries
from inspect_compressed import inspect_compressed


@pytest.fixture(scope="module")
def judged(demo, half, tmp_path_factory):
    """Everything that is said of both: variant → kind → figures."""
    folder = tmp_path_factory.mktemp("judged")
    task = folder / "task.parquet"
    reading = {"format_name": "jsonl", "columns": ["references=summary"], "limit": 4}
    prepare_task([ROOT / "data/demo/reviews.jsonl"], task, split="test", **reading)
    (folder / "text.txt").write_text("The battery lasts two days, and the screen is bright. " * 40)
    found = {}
    for name in ("masks", "given"):
        mine = folder / name
        mine.mkdir()
        summaries = mine / "summaries.jsonl"
        generate_summaries(
            demo, [task], [summaries], ["reviews"], pruned=half[name], max_new_tokens=16
        )
        evaluate_fairness(summaries, task, mine / "fairness.json", attribution=["tokens"])
        evaluate_quality(summaries, task, mine / "quality.json")
        corpora = [f"text={folder / 'text.txt'}"]
        evaluate_language(
            demo, mine / "language.json", pruned=half[name], corpora=corpora, window=64
        )
        found[name] = {"summaries": summaries.read_bytes()}
        for kind in ("fairness", "quality", "language"):
            found[name][kind] = read_json(mine / f"{kind}.json")
    return found


@pytest.mark.parametrize("kind", ["summaries", "fairness", "quality", "language"])
def test_equals_its_masks_in_every_figure(judged, kind):
    assert judged["given"][kind] == judged["masks"][kind]
    assert judged["given"][kind]


def test_its_card_says_what_it_is(demo, half):
    figures, masks = read_card(half["given"])["figures"], Masks(half["masks"])
    dense = AutoModelForCausalLM.from_pretrained(demo, dtype=torch.float32)
    for name, layer in figures["layers"].items():
        zeros = int((masks[name] | (dense.get_submodule(name).weight == 0)).sum())
        assert layer["pruned"] == zeros
        assert layer["sparsity"] == zeros / (layer["rows"] * layer["columns"])
    assert figures["layers"].keys() == masks.shapes.keys()
    assert figures["sparsity"] == pytest.approx(0.5, abs=0.001)
    assert figures["parameters"] == dense.num_parameters()
    assert figures["bits_per_weight"] == 16
    assert figures["stored"] == {"F16": {"tensors": 47, "bytes": 2 * dense.num_parameters()}}
    assert figures["disk_bytes"] == (half["exported"] / "model.safetensors").stat().st_size
    assert figures["configuration_differs"] == {}


def test_it_is_linked_and_guarded(demo, half, tmp_path):
    link = half["given"] / "model.safetensors"
    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    shutil.copytree(half["exported"], tmp_path / "mine")
    for _ in range(2):  # its own result is made again
        inspect_compressed(demo, tmp_path / "mine", tmp_path / "variant")
    (tmp_path / "mine/config.json").write_text("{}")
    with pytest.raises(FairpruneError, match=r"config\.json has"):
        open_pruned(tmp_path / "variant")


def test_it_is_for_its_model_alone_and_is_not_exported(demo, half, tmp_path):
    with pytest.raises(FairpruneError, match="take its own files"):
        export_model(demo, tmp_path / "out", pruned=half["given"])
    other = shutil.copytree(demo, tmp_path / "other")
    tokenizer = json.loads((other / "tokenizer.json").read_text("utf-8"))
    tokenizer["added_tokens"] = tokenizer["added_tokens"][:1]
    (other / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(FairpruneError, match=r"another model .* \(by its tokenizer\)"):
        load_variant(other, open_pruned(half["given"]), "cpu")


def test_a_smaller_model_is_measured_in_its_own_layers(demo, tmp_path):
    """Anybody's pruned folder: fewer blocks, one layer of thirds of zeros."""
    config = AutoModelForCausalLM.from_pretrained(demo).config
    config.num_hidden_layers = 2
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.model.layers[1].mlp.down_proj.weight.data[:, ::3] = 0
    model.save_pretrained(tmp_path / "small")
    AutoTokenizer.from_pretrained(demo).save_pretrained(tmp_path / "small")
    inspect_compressed(demo, tmp_path / "small", tmp_path / "variant")
    figures = read_card(tmp_path / "variant")["figures"]
    layers = figures["layers"]
    assert len(layers) == 14
    assert layers["model.layers.1.mlp.down_proj"]["pruned"] == 128 * len(range(0, 352, 3))
    assert figures["pruned"] == 128 * len(range(0, 352, 3))
    assert figures["configuration_differs"] == {"num_hidden_layers": [5, 2]}
    loaded = load_variant(demo, open_pruned(tmp_path / "variant"), "cpu")
    assert sum(map(held_bytes, loaded.parameters())) == 4 * model.num_parameters()
