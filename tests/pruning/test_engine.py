"""The engine: what it needs, what it writes, and where it goes on after being killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny import all_masks, rewritten, same_files, save_ids, save_tiny

from compute_gradients import compute_gradients
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.models.blocks import open_blocks
from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.pruning.select import row_mask
from measure_activations import measure_activations
from prune_model import prune_model

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
COMBINATIONS = {
    "wanda": {},
    "gblm+owl": {"allocation": "owl"},
    "multiflow+dsnot": {"refinement": "dsnot"},
    "sparsegpt": {},
    "sparsegpt+dsnot": {"refinement": "dsnot"},
    "wanda+neuroal": {"allocation": "neuroal"},
    "hgla": {"group": "adaptive"},
}


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    save_tiny(folder / "m", "llama3")
    save_ids(folder / "ids.safetensors")
    compute_gradients(folder / "m", folder / "ids.safetensors", folder / "full.safetensors")
    measure_activations(folder / "m", folder / "ids.safetensors", folder / "dense.safetensors")
    return folder


def prune(work, name, output, **changes):
    arguments = COMBINATIONS.get(name, {}) | {"sparsity": "0.5"} | changes
    arguments.setdefault("calibration", work / "ids.safetensors")
    return prune_model(work / "m", name.split("+")[0], output, **arguments)


def test_wanda_is_sequential(work, tmp_path):
    """The plain way: score a block, prune it, run it again for the next block's inputs."""
    found = all_masks(prune(work, "wanda", tmp_path / "p"))
    ids = load_file(work / "ids.safetensors")["input_ids"]
    walk = Walk(open_blocks(work / "m", "cpu"), ids)
    hidden = walk.embed()
    for index, name in enumerate(walk.names):
        with walk.block(index) as block:
            layers, inputs, handles = find_layers(name, block), {}, []
            for path, layer in layers.items():
                seen = inputs.setdefault(path, [])
                hook = layer.register_forward_pre_hook(lambda _, args, s=seen: s.append(args[0]))
                handles.append(hook)
            walk.run(index, block, hidden)
            for handle in handles:
                handle.remove()
            for path, layer in layers.items():
                norm = sum(x.square().sum((0, 1)) for x in inputs[path])
                scores = layer.weight.abs() * (norm / len(ids)).sqrt()
                mask = row_mask(scores, layer.in_features // 2)
                assert torch.equal(mask, found[path])
                layer.weight.masked_fill_(mask, 0)
            hidden = walk.run(index, block, hidden)


@pytest.mark.parametrize("name", COMBINATIONS)
def test_same_input_same_bits(work, name, tmp_path):
    one, other = (prune(work, name, tmp_path / n) for n in ("one", "other"))
    assert same_files(one, other)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "other"]


def test_measured_statistics_are_those_of_the_files(work, tmp_path):
    files = {"gradients": work / "full.safetensors", "activations": work / "dense.safetensors"}
    options = {"option": ["score.loss=full"]}
    measured = prune(work, "hgla", tmp_path / "one", **options)
    given = prune(work, "hgla", tmp_path / "two", calibration=None, **files, **options)
    assert same_files(measured, given)
    assert read_card(given)["inputs"].keys() == {"model", "gradients", "activations"}


def test_dense_statistics_need_no_forward_pass(work, tmp_path, monkeypatch):
    files = {"gradients": work / "full.safetensors", "activations": work / "dense.safetensors"}
    monkeypatch.setattr(Walk, "run", None)
    for sparsity in ("0.3", "0.7"):
        prune(work, "hgla", tmp_path / sparsity, sparsity=sparsity, calibration=None, **files)
    prune(work, "gradient", tmp_path / "g", calibration=None, gradients=files["gradients"])


def test_card(work, tmp_path):
    made = prune(work, "sparsegpt", tmp_path / "p", allocation="owl")
    card = read_card(made)
    assert card["stage"] == "prune_model"
    assert set(card["files"]) == {"mask.safetensors", "weights.safetensors"}
    assert card["parameters"]["allocation"] == "owl"
    assert card["parameters"]["options"]["allocation.M"] == 5.0
    layers, masks = card["figures"]["layers"], all_masks(made)
    assert list(layers) == list(masks)
    for name, figures in layers.items():
        assert figures["pruned"] == int(masks[name].sum())
        assert figures["sparsity"] == figures["pruned"] / figures["weights"]
        assert (figures["rows"], figures["columns"]) == tuple(masks[name].shape)
        assert figures["damping"] == 0.01
    pruned, weights = (sum(f[key] for f in layers.values()) for key in ("pruned", "weights"))
    assert card["figures"]["sparsity"] == pruned / weights
    for name, mask in masks.items():
        assert rewritten(made)[f"{name}.weight"][mask].eq(0).all()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_weights_are_kept_as_they_are_computed(work, dtype, tmp_path):
    made = prune(work, "sparsegpt", tmp_path / "p", dtype=dtype)
    assert {w.dtype for w in rewritten(made).values()} == {getattr(torch, dtype)}


def test_zeros_before_pruning_are_counted(work, tmp_path):
    from tiny_models import tiny_model

    model = tiny_model("llama3")
    model.model.layers[0].mlp.up_proj.weight[:, :16] = 0
    model.save_pretrained(tmp_path / "m")
    made = prune_model(tmp_path / "m", "magnitude", tmp_path / "p", sparsity="0.5")
    figures = read_card(made)["figures"]
    assert figures["layers"]["model.layers.0.mlp.up_proj"]["zero_before"] == 48 * 16
    assert figures["sparsity_before"] == 48 * 16 / figures["weights"]


def test_random_and_seed(work, tmp_path):
    made = {seed: prune(work, "random", tmp_path / str(seed), seed=seed) for seed in (1, 2)}
    again = prune(work, "random", tmp_path / "again", seed=1)
    assert same_files(made[1], again)
    assert not same_files(made[1], made[2])
    assert read_card(again)["seed"] == 1


def test_dense_prunes_nothing(work, tmp_path):
    made = prune_model(work / "m", "dense", tmp_path / "p", sparsity="0.00")
    assert not any(mask.any() for mask in all_masks(made).values())


def _without(path: Path, name: str) -> Path:
    tensors = load_file(path)
    del tensors[name]
    save_file(tensors, path.with_name("less.safetensors"))
    return path.with_name("less.safetensors")


LAYER = "model.layers.1.mlp.up_proj"


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("wanda", {"sparsity": None}, "needs --sparsity"),
        ("wanda", {"calibration": None}, "give --calibration"),
        ("hgla", {"calibration": None}, "--activations, or --gradients"),
        ("wanda", {"calibration": Path("nothing")}, "nothing does not exist"),
        ("gblm", {"gradients": Path("nothing")}, "nothing does not exist"),
        ("wanda", {"pattern": "3:7", "sparsity": None}, "no multiple of 7"),
    ],
)
def test_wrong_input(work, name, changes, says, tmp_path):
    with pytest.raises(FairpruneError, match=says):
        prune(work, name, tmp_path / "p", **changes)
    assert not list(tmp_path.iterdir())


def test_statistics_of_another_model(work, tmp_path):
    gradients = _without(work / "full.safetensors", f"l2.{LAYER}")
    with pytest.raises(FairpruneError, match=f"less.safetensors has no l2.{LAYER}"):
        prune(work, "gblm", tmp_path / "p", gradients=gradients)
    tensors = load_file(work / "dense.safetensors")
    tensors[LAYER] = torch.ones(3)
    save_file(tensors, work / "other.safetensors")
    with pytest.raises(FairpruneError, match=rf"{LAYER} has shape \(3,\)"):
        prune(work, "hgla", tmp_path / "p", activations=work / "other.safetensors")
    assert not list(tmp_path.iterdir())


def test_gradients_of_another_loss_are_said_to_be(work, tmp_path, capsys):
    files = {"gradients": work / "full.safetensors", "activations": work / "dense.safetensors"}
    prune(work, "hgla", tmp_path / "a", **files)
    assert "was made with loss full, and method hgla is defined" in capsys.readouterr().err
    prune(work, "hgla", tmp_path / "b", **files, option=["score.loss=full"])
    assert "note:" not in capsys.readouterr().err


def test_gradients_that_are_all_zero(work, tmp_path):
    tensors = load_file(work / "full.safetensors")
    tensors[f"l2.{LAYER}"].zero_()
    save_file(tensors, work / "zero.safetensors")
    with pytest.raises(FairpruneError, match=rf"{LAYER}: its gradient is zero everywhere"):
        prune(work, "gblm", tmp_path / "p", gradients=work / "zero.safetensors")
    assert not list(tmp_path.iterdir())


def test_nan_weights(work, tmp_path):
    save_tiny(tmp_path / "m", "llama3")
    file = tmp_path / "m/model.safetensors"
    tensors = load_file(file)
    tensors[f"{LAYER}.weight"][0, 0] = float("nan")
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(FairpruneError, match=LAYER):
        prune_model(tmp_path / "m", "magnitude", tmp_path / "p", sparsity="0.5")
    assert not (tmp_path / "p").exists()


KILLED = """
import os, signal, sys
sys.path.insert(0, {scripts!r})
from pathlib import Path
from fairprune.pruning import checkpoint
from prune_model import prune_model
write, after = checkpoint.Checkpoint.write_block, {after}
def dying(self, index, done):
    if index == after:
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, index, done)
checkpoint.Checkpoint.write_block = dying
prune_model({model!r} and Path({model!r}), {method!r}, Path({output!r}), **{arguments!r})
"""


@pytest.mark.long("of killed processes")
@pytest.mark.parametrize(
    ("name", "after"),
    [("gblm+owl", 0), ("sparsegpt", 1), ("wanda+neuroal", 2)],
)
def test_a_killed_job_goes_on(work, name, after, tmp_path):
    arguments = COMBINATIONS[name] | {"sparsity": "0.5"}
    program = KILLED.format(
        scripts=str(SCRIPTS),
        after=after,
        model=str(work / "m"),
        method=name.split("+")[0],
        output=str(tmp_path / "p"),
        arguments=arguments | {"calibration": str(work / "ids.safetensors")},
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    kept = {p.name for p in (tmp_path / ".p.checkpoint").iterdir() if p.name.startswith("block")}
    assert kept == {f"block-{index:05d}.safetensors" for index in range(after)}
    assert not (tmp_path / "p").exists()
    resumed = prune(work, name, tmp_path / "p")
    assert same_files(resumed, prune(work, name, tmp_path / "whole"))
    assert not (tmp_path / ".p.checkpoint").exists()


def test_another_job_starts_anew(work, tmp_path):
    (tmp_path / ".p.checkpoint").mkdir()
    (tmp_path / ".p.checkpoint/job").write_text("another")
    (tmp_path / ".p.checkpoint/block-00000.safetensors").write_bytes(b"of another job")
    made = prune(work, "wanda", tmp_path / "p")
    assert same_files(made, prune(work, "wanda", tmp_path / "q"))
