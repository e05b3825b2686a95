"""The entries: what they write, what they refuse, and how a killed job goes on."""

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import prepared
import pytest
import torch
from plain_statistics import gradients, inputs
from safetensors.torch import load_file, save_file
from tiny_models import tiny_ids, tiny_model

from fairprune.errors import FairpruneError
from fairprune.io import cards
from fairprune.io.cards import read_card
from fairprune.models.identity import weights_digest
from fairprune.statistics import gradient_job, progress
from fairprune.statistics.activation_job import measure_activations
from fairprune.statistics.gradient_job import compute_gradients
from fairprune.statistics.tensor_file import TensorFile

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def folder(tmp_path):
    """A model of three blocks, and a calibration file of 16 samples."""
    tiny_model("llama3").save_pretrained(tmp_path / "model")
    save_file({"input_ids": tiny_ids(16)}, tmp_path / "calibration.safetensors")
    return tmp_path


def entry(name, folder, *options):
    command = [prepared.python(), SCRIPTS / f"{name}.py", "--model", folder / "model"]
    command += ["--calibration", folder / "calibration.safetensors", *options]
    return subprocess.run(command, capture_output=True, text=True)


def test_activations_entry(folder):
    output = folder / "activations.safetensors"
    done = entry("measure_activations", folder, "--output", output)
    assert (done.returncode, done.stdout.strip()) == (0, str(output)), done.stderr
    found = load_file(output)
    expected = inputs(tiny_model("llama3"), tiny_ids(16))
    for layer, norm in found.items():
        a = expected[layer].square().sum(1).mean(0).sqrt()
        assert torch.allclose(norm.double(), a, rtol=1e-4, atol=1e-6)
    card = read_card(output)
    assert card["stage"] == "measure_activations"
    assert card["parameters"] == {
        "dtype": "float32",
        "device": "cpu",
        "weights": weights_digest(folder / "model"),
    }


def test_gradients_entry(folder):
    output = folder / "gradients.safetensors"
    done = entry(
        "compute_gradients", folder, "--output", output, "--loss", "last_token",
        "--norm", "l2", "--scale", "10", "--host-memory", "0.000001",
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, str(output)), done.stderr
    expected, losses = gradients(tiny_model("llama3"), tiny_ids(16), "last_token", 10.0)
    found = load_file(output)
    assert len(found) == 3 * 7
    for key, norm in found.items():
        assert key.startswith("l2.")
        assert torch.allclose(norm.double(), expected[key], rtol=1e-4, atol=1e-6)
    card = read_card(output)
    assert card["figures"]["losses"] == pytest.approx(losses, rel=1e-5)
    assert sorted(path.name for path in folder.iterdir()) == [
        "calibration.safetensors",
        "gradients.safetensors",
        "gradients.safetensors.card.json",
        "model",
    ]


BAD = {
    "vocabulary": ({"input_ids": tiny_ids() + 90}, "vocabulary has 97"),
    "negative": ({"input_ids": tiny_ids() - 90}, r"token id -\d+"),
    "long": ({"input_ids": tiny_ids(2, 65)}, "samples of 65 tokens, .* allows 2 to 64"),
    "short": ({"input_ids": tiny_ids(2, 1)}, "samples of 1 tokens"),
    "dtype": ({"input_ids": tiny_ids().int()}, "found torch.int32 of shape"),
    "flat": ({"input_ids": tiny_ids().flatten()}, r"found torch.int64 of shape \(120,\)"),
    "empty": ({"input_ids": tiny_ids()[:0]}, r"found torch.int64 of shape \(0, 24\)"),
    "other": ({"ids": tiny_ids()}, "found none"),
}


@pytest.mark.parametrize("step", [compute_gradients, measure_activations])
@pytest.mark.parametrize("case", BAD)
def test_a_bad_calibration_set_is_one_line(folder, case, step):
    tensors, pattern = BAD[case]
    save_file(tensors, folder / "calibration.safetensors")
    with pytest.raises(FairpruneError, match=pattern) as raised:
        step(folder / "model", folder / "calibration.safetensors", folder / "out" / "x")
    assert "\n" not in str(raised.value)
    assert not (folder / "out").exists()


def test_a_truncated_calibration_file(folder):
    file = folder / "calibration.safetensors"
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(FairpruneError, match=r"calibration\.safetensors is truncated"):
        compute_gradients(folder / "model", file, folder / "x.safetensors")
    assert not (folder / "x.safetensors").exists()


def test_a_calibration_file_that_is_not_there(folder):
    with pytest.raises(FairpruneError, match=r"none\.safetensors does not exist"):
        compute_gradients(folder / "model", folder / "none.safetensors", folder / "x")


def test_an_unknown_norm(folder):
    with pytest.raises(FairpruneError, match="unknown gradient norm 'l3'; did you mean"):
        compute_gradients(
            folder / "model", folder / "calibration.safetensors", folder / "x", norms=["l3"]
        )


def test_a_weight_that_is_no_number_leaves_nothing(folder):
    model = tiny_model("llama3")
    model.model.layers[0].mlp.up_proj.weight[0, 0] = float("inf")
    model.save_pretrained(folder / "model")
    with pytest.raises(FairpruneError, match=r"layers\.0\.mlp\.up_proj\.weight holds NaN"):
        compute_gradients(
            folder / "model", folder / "calibration.safetensors", folder / "out" / "x"
        )
    assert not any((folder / "out").rglob("*"))


class Killed(Exception):
    pass


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize("point", ["backward_block", "progress", "replace"])
def test_a_job_that_stops_goes_on(folder, monkeypatch, after, point):
    arguments = folder / "model", folder / "calibration.safetensors"
    whole = folder / "whole.safetensors"
    compute_gradients(*arguments, whole)
    monkeypatch.setattr(progress, "LOST_SECONDS", 0)
    output = folder / "gradients.safetensors"

    calls = 0
    original = {
        "backward_block": (gradient_job, "backward_block"),
        "progress": (gradient_job.Progress, "finish"),
        "replace": (gradient_job, "write_card"),
    }[point]
    function = getattr(*original)

    def stopping(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == after or point == "replace":
            raise Killed
        return function(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(*original, stopping)
        with pytest.raises(Killed):
            compute_gradients(*arguments, output)
    assert (folder / ".gradients.safetensors.unfinished").is_dir()

    again = []
    backward = gradient_job.backward_block
    monkeypatch.setattr(
        gradient_job, "backward_block", lambda *a: again.append(a[1]) or backward(*a)
    )
    compute_gradients(*arguments, output)
    assert output.read_bytes() == whole.read_bytes()
    assert again == ([] if point == "replace" else [2, 1, 0][after - 1 :])
    assert not (folder / ".gradients.safetensors.unfinished").exists()
    read_card(output)


def test_another_job_does_not_go_on_there(folder, monkeypatch):
    arguments = folder / "model", folder / "calibration.safetensors"
    output = folder / "gradients.safetensors"
    compute_gradients(*arguments, folder / "whole", loss="last_token")

    def stop(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(gradient_job, "write_card", stop)
        with pytest.raises(Killed):
            compute_gradients(*arguments, output, loss="full")
    compute_gradients(*arguments, output, loss="last_token")
    assert output.read_bytes() == (folder / "whole").read_bytes()


def test_writing_waits_for_no_disk_and_reads_nothing_again(folder, monkeypatch):
    """Blocks are written beside the computation, and what was written is hashed as it goes."""
    writers, synced, hashed = set(), [], []
    write, sync, sha256 = TensorFile.write, os.fsync, cards.sha256_file
    monkeypatch.setattr(
        TensorFile, "write", lambda *a: writers.add(threading.get_ident()) or write(*a)
    )
    monkeypatch.setattr(os, "fsync", lambda number: synced.append(number) or sync(number))
    monkeypatch.setattr(cards, "sha256_file", lambda file: hashed.append(file) or sha256(file))
    output = compute_gradients(folder / "model", folder / "calibration.safetensors", folder / "g")
    assert writers and threading.get_ident() not in writers
    assert len(synced) <= 5  # data, the last block's word and the card, with their folders
    assert output not in hashed
    known = hashlib.sha256(output.read_bytes()).hexdigest()
    assert read_card(output)["files"]["g"]["sha256"] == known


def test_a_disk_that_is_full_ends_the_job(folder, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(TensorFile, "write", full)
        with pytest.raises(OSError, match="No space"):
            compute_gradients(folder / "model", folder / "calibration.safetensors", folder / "g")
    assert not (folder / "g").exists()
    compute_gradients(folder / "model", folder / "calibration.safetensors", folder / "g")


@pytest.mark.long("of killed processes")
def test_a_killed_process_goes_on(folder):
    """SIGKILL, whenever it comes: the next run makes the same file."""
    tiny_model("llama3", num_hidden_layers=12).save_pretrained(folder / "model")
    whole, output = folder / "whole.safetensors", folder / "gradients.safetensors"
    compute_gradients(folder / "model", folder / "calibration.safetensors", whole)
    every = "import runpy, sys; from fairprune.statistics import progress; "
    every += "progress.LOST_SECONDS = 0; del sys.argv[0]; "
    every += "runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", every, SCRIPTS / "compute_gradients.py"]
    command += ["--model", folder / "model"]
    command += ["--calibration", folder / "calibration.safetensors", "--output", output]
    progress = folder / ".gradients.safetensors.unfinished" / "progress.json"
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
    while process.poll() is None:
        if progress.is_file() and json.loads(progress.read_text())["block"] <= 9:
            process.send_signal(signal.SIGKILL)
            process.wait()
        time.sleep(0.001)
    assert json.loads(progress.read_text())["block"] > 0  # the kill came before the end
    done = entry("compute_gradients", folder, "--output", output)
    assert done.returncode == 0, done.stderr
    assert output.read_bytes() == whole.read_bytes()
    assert not progress.parent.exists()
