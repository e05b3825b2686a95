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
from fairprune.models import walk as walk_module
from fairprune.models.identity import weights_digest
from fairprune.models.memory import ALL, Memory
from fairprune.statistics import batch_by_batch, block_by_block, gradient_job, progress
from fairprune.statistics import gradients as gradients_module
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


SMALL = Memory(host=100_000)  # one block after the other
POINTS = {  # where it stops, and what is still to be done after so many calls of that
    "backward_block": (block_by_block, "backward_block", SMALL, [2, 1, 0]),
    "finish": (progress.Progress, "finish", SMALL, [2, 1, 0]),
    "add": (batch_by_batch.Passes, "add", ALL, [0, 1, 2, 3]),
    "keep": (progress.Progress, "keep", ALL, [0, 1, 2, 3]),
    "replace": (gradient_job, "write_card", ALL, []),
    "replace, block by block": (gradient_job, "write_card", SMALL, []),
}


def said_at_once(monkeypatch):
    """Whatever is finished is said, however long that takes."""
    monkeypatch.setattr(progress, "LOST_SECONDS", 0)
    monkeypatch.setattr(progress, "SHARE", 1e9)


def in_batches_of_four(monkeypatch, slot=4):
    """Four batches of the sixteen samples, each a slot or half of one."""
    monkeypatch.setattr(gradients_module, "BATCH_TOKENS", 4 * tiny_ids().shape[1])
    monkeypatch.setattr(walk_module, "slot_samples", lambda *_: slot)


@pytest.mark.parametrize("after", [1, 2, 3])
@pytest.mark.parametrize("point", POINTS)
def test_a_job_that_stops_goes_on(folder, monkeypatch, after, point):
    place, name, memory, parts = POINTS[point]
    in_batches_of_four(monkeypatch)
    arguments = folder / "model", folder / "calibration.safetensors"
    whole = folder / "whole.safetensors"
    compute_gradients(*arguments, whole)
    said_at_once(monkeypatch)
    output = folder / "gradients.safetensors"

    calls = 0
    function = getattr(place, name)

    def stopping(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == after or not parts:
            raise Killed
        return function(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(place, name, stopping)
        with pytest.raises(Killed):
            compute_gradients(*arguments, output, memory=memory)
    assert (folder / ".gradients.safetensors.unfinished").is_dir() or (name, after) in FIRST

    again = []
    backward, add = block_by_block.backward_block, batch_by_batch.Passes.add
    monkeypatch.setattr(
        block_by_block, "backward_block", lambda *a: again.append(a[1]) or backward(*a)
    )
    monkeypatch.setattr(batch_by_batch.Passes, "add", lambda *a: again.append(a[1]) or add(*a))
    compute_gradients(*arguments, output, memory=memory)
    assert output.read_bytes() == whole.read_bytes()
    assert again == parts[after - 1 :]
    assert not (folder / ".gradients.safetensors.unfinished").exists()
    losses = [read_card(file)["figures"]["losses"] for file in (output, whole)]
    assert losses[0] == losses[1]


FIRST = {("add", 1), ("keep", 1)}  # nothing was finished


def test_sums_are_kept_only_where_a_slot_ends(folder, monkeypatch):
    """Samples of one slot are added up before they join the rest."""
    in_batches_of_four(monkeypatch, slot=8)
    said_at_once(monkeypatch)
    kept = []
    monkeypatch.setattr(progress.Progress, "keep", lambda _, samples, sums: kept.append(samples))
    compute_gradients(folder / "model", folder / "calibration.safetensors", folder / "g")
    assert kept == [8, 16]


def test_what_was_begun_batch_by_batch_ends_where_there_is_less_room(folder, monkeypatch):
    in_batches_of_four(monkeypatch)
    said_at_once(monkeypatch)
    arguments = folder / "model", folder / "calibration.safetensors"
    with monkeypatch.context() as patch:
        patch.setattr(batch_by_batch, "_write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            compute_gradients(*arguments, folder / "g")
    compute_gradients(*arguments, folder / "g", memory=SMALL)
    compute_gradients(*arguments, folder / "whole")
    assert (folder / "g").read_bytes() == (folder / "whole").read_bytes()


def test_what_saying_takes_is_a_small_share(folder, monkeypatch):
    """A slow disk makes a job lose more when it is killed, and not last longer."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    said = progress.Progress(folder / "g", {})
    write = progress.write_json

    def slow(*args):
        now[0] += 3.0
        write(*args)

    monkeypatch.setattr(progress, "write_json", slow)
    now[0] = progress.LOST_SECONDS - 1
    assert not said.due()
    now[0] += 1
    assert said.due()
    said.keep(4, {"losses": torch.zeros(4)})
    now[0] += progress.LOST_SECONDS
    assert not said.due()
    now[0] += 3.0 / progress.SHARE - progress.LOST_SECONDS
    assert said.due()


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


@pytest.mark.parametrize("memory", [ALL, SMALL], ids=["batch by batch", "block by block"])
def test_a_disk_that_is_full_ends_the_job_and_loses_nothing(folder, monkeypatch, memory):
    """What was said before stays, and the next run goes on from there."""
    in_batches_of_four(monkeypatch)
    said_at_once(monkeypatch)
    arguments = folder / "model", folder / "calibration.safetensors", folder / "g"
    calls, write = [], TensorFile.write

    def full(self, tensors):
        calls.append(self)
        if len(calls) < 3:
            return write(self, tensors)
        with self._explained():
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(TensorFile, "write", full)
        with pytest.raises(FairpruneError, match=r"No space.*free space and start again"):
            compute_gradients(*arguments, memory=memory)
    assert not (folder / "g").exists()
    said = json.loads((folder / ".g.unfinished" / "progress.json").read_text())
    assert said.get("samples") == 8 or said.get("block") == 1
    compute_gradients(*arguments, memory=memory)


def test_a_file_that_may_not_be_so_large_is_named(folder):
    """Before anything is computed."""
    words = [sys.executable, SCRIPTS / "compute_gradients.py", "--model", folder / "model"]
    words += ["--calibration", folder / "calibration.safetensors", "--output", folder / "g"]
    limited = "ulimit -f 8; exec " + " ".join(map(str, words))
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"cannot write {folder}/.g.unfinished/data: File too large" in done.stderr
    assert "sample" not in done.stderr and not (folder / "g").exists()


@pytest.mark.long("of killed processes")
@pytest.mark.parametrize(
    ("memory", "begun", "ended"),
    [
        (["--host-memory", "0.0001"], lambda said: said["block"] <= 9, {"block": 0}),
        ([], lambda said: said["samples"] == 8, {"samples": 16}),
    ],
    ids=["block by block", "batch by batch"],
)
def test_a_killed_process_goes_on(folder, memory, begun, ended):
    """SIGKILL, whenever it comes: the next run makes the same file."""
    tiny_model("llama3", num_hidden_layers=12).save_pretrained(folder / "model")
    whole, output = folder / "whole.safetensors", folder / "gradients.safetensors"
    compute_gradients(folder / "model", folder / "calibration.safetensors", whole)
    every = "import runpy, sys; from fairprune.statistics import progress; "
    every += "progress.LOST_SECONDS, progress.SHARE = 0, 1e9; del sys.argv[0]; "
    every += "runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [sys.executable, "-c", every, SCRIPTS / "compute_gradients.py"]
    command += ["--model", folder / "model"]
    command += ["--calibration", folder / "calibration.safetensors", "--output", output, *memory]
    progress = folder / ".gradients.safetensors.unfinished" / "progress.json"
    environment = os.environ | {"PYTHONPATH": str(SCRIPTS)}
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment)
    while process.poll() is None:
        if progress.is_file() and begun(json.loads(progress.read_text())):
            process.send_signal(signal.SIGKILL)
            process.wait()
        time.sleep(0.001)
    said = json.loads(progress.read_text())
    assert ended.items().isdisjoint(said.items())  # the kill came before
    done = entry("compute_gradients", folder, "--output", output, *memory)
    assert done.returncode == 0, done.stderr
    assert output.read_bytes() == whole.read_bytes()
    assert not progress.parent.exists()
