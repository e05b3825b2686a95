"""Numbers that no computation should meet, and statistics of another model."""

import json

import torch
from safetensors.torch import load_file, save_file

from faults.conftest import CALIBRATION, GRADIENTS, PRUNED
from faults.harness import Bench, Outcome, fault

MODEL = "data/models/demo"
WEIGHT = "model.layers.1.mlp.up_proj.weight"


def _poison(bench: Bench, value: float) -> None:
    """One weight of the local model, and the model linked once more."""
    file = bench.path("model/model.safetensors")
    tensors = load_file(file)
    tensors[WEIGHT][3, 5] = value
    save_file(tensors, file, metadata={"format": "pt"})
    assert bench.again(MODEL).code == 0


@fault("model", "a weight that is NaN")
def nan_weight(bench: Bench) -> Outcome:
    _poison(bench, float("nan"))
    return bench.refused(bench.again(PRUNED), WEIGHT, "NaN", step="another copy of the model")


@fault("model", "a weight that is infinite")
def infinite_weight(bench: Bench) -> Outcome:
    _poison(bench, float("inf"))
    return bench.refused(bench.again(PRUNED), WEIGHT, "infinite", step="another copy of the model")


@fault("calibration", "one token again and again: a singular Hessian")
def singular_hessian(bench: Bench) -> Outcome:
    file = bench.path("same.safetensors")
    save_file({"input_ids": torch.full((2, 16), 7)}, file)
    output = "results/pruned/demo/sparsegpt/same/0.50"
    done = bench.entry(
        "prune_model", "--model", MODEL, "--method", "sparsegpt", "--sparsity", "0.5",
        "--calibration", file, "--device", "cpu", "--output", output,
    )  # fmt: skip
    assert done.code == 0, done.err
    figures = json.loads(bench.path(f"{output}/card.json").read_text())["figures"]
    assert abs(figures["sparsity"] - 0.5) < 0.01
    weights = load_file(bench.path(f"{output}/weights.safetensors"))
    assert all(torch.isfinite(weight).all() for weight in weights.values())
    return Outcome("right bytes: the Hessian's diagonal is damped, every weight is finite")


def _another_model(bench: Bench, tokenizer: bool) -> None:
    """Another model of the same shapes in the place of the one that statistics were made for."""
    if tokenizer:
        file = bench.path("model/tokenizer.json")
        content = json.loads(file.read_text())
        content["added_tokens"][0]["content"] += "x"
        file.write_text(json.dumps(content))
    else:
        _poison(bench, 0.25)
    assert bench.again(MODEL).code == 0


@fault("calibration", "made with another model's tokenizer")
def foreign_calibration(bench: Bench) -> Outcome:
    _another_model(bench, tokenizer=True)
    outcome = bench.refused(bench.again(GRADIENTS), "another model", "tokenizer",
                            step="the calibration step again")  # fmt: skip
    assert bench.again(CALIBRATION).code == 0
    assert bench.again(GRADIENTS).code == 0
    return outcome


@fault("calibration", "of somebody's own: token ids beyond the model's vocabulary")
def foreign_ids(bench: Bench) -> Outcome:
    ids = load_file(bench.path(CALIBRATION))["input_ids"]
    save_file({"input_ids": ids + 1_000_000}, bench.path("mine.safetensors"))
    name, *arguments = bench.made[GRADIENTS]
    done = bench.entry(name, *["mine.safetensors" if w == CALIBRATION else w for w in arguments])
    return bench.refused(done, "another model", step="the calibration step again")


@fault("gradients", "made with another model's weights")
def foreign_gradients(bench: Bench) -> Outcome:
    _another_model(bench, tokenizer=False)
    done = bench.entry(
        "prune_model", "--model", MODEL, "--method", "gradient", "--sparsity", "0.5",
        "--option", "score.gradient_norm=l1", "--option", "score.loss=last_token",
        "--gradients", GRADIENTS, "--device", "cpu", "--output", "out",
    )  # fmt: skip
    return bench.refused(done, "another model", "weights", step="the gradient step again")
