"""Two processes that share the samples come to the same bits as one."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import tiny_ids, tiny_model

from fairprune.errors import FairpruneError
from fairprune.models import processes
from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers, observed_inputs
from fairprune.models.walk import Walk
from fairprune.statistics.activation_job import measure_activations
from fairprune.statistics.gradient_job import compute_gradients
from fairprune.statistics.grams import Grams
from fairprune.statistics.sums import SlotSum

SCRIPTS = Path(__file__).parents[2] / "scripts"
BOTH = """
import sys
from pathlib import Path
from fairprune.models import processes
from fairprune.statistics.activation_job import measure_activations
from fairprune.statistics.gradient_job import compute_gradients
folder, name = Path(sys.argv[1]), sys.argv[2]
arguments = folder / "model", folder / "calibration.safetensors"
print(processes.number(), measure_activations(*arguments, folder / f"{name}-activations"))
print(processes.number(), compute_gradients(*arguments, folder / f"{name}-gradients"))
"""


@pytest.mark.long("of several processes")
def test_two_processes(tmp_path):
    tiny_model("llama3").save_pretrained(tmp_path / "model")
    arguments = tmp_path / "model", tmp_path / "calibration.safetensors"
    save_file({"input_ids": tiny_ids(11, 64)}, arguments[1])
    measure_activations(*arguments, tmp_path / "one-activations")
    compute_gradients(*arguments, tmp_path / "one-gradients")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    several = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", BOTH, tmp_path, "two"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                **several,
                "RANK": str(rank),
                "LOCAL_RANK": str(rank),
                "PYTHONPATH": str(SCRIPTS),
            },
        )
        for rank in range(2)
    ]
    done = [process.communicate(timeout=300) for process in started]
    assert [process.returncode for process in started] == [0, 0], done
    assert done[1][0].splitlines()[-1] == "1 None"  # the first alone writes
    for kind in ("activations", "gradients"):
        one, two = tmp_path / f"one-{kind}", tmp_path / f"two-{kind}"
        assert one.read_bytes() == two.read_bytes()
    assert len(load_file(one)) == 2 * 3 * 7


def test_more_processes_than_slots(monkeypatch):
    monkeypatch.setattr(processes, "count", lambda: 3)
    with pytest.raises(FairpruneError, match="3 processes cannot share 2 slots of samples"):
        Walk(Blocks(tiny_model("llama2")), tiny_ids(2))


def test_every_sample_belongs_to_one_process(monkeypatch):
    ids = tiny_ids(13, 64)
    monkeypatch.setattr(processes, "count", lambda: 2)
    parts = []
    for number in range(2):
        monkeypatch.setattr(processes, "number", lambda number=number: number)
        parts += Walk(Blocks(tiny_model("llama2")), ids).input_ids
    assert torch.equal(torch.cat(parts), ids)


def test_slots_fix_the_order_of_a_sum():
    """((1e8 + 1) + (-1e8 + 1)) is not the sum in one go, in float32."""
    values = [1e8, 1.0, -1e8, 1.0]
    slots = SlotSum(slot=2)
    for value in values:
        slots.part((1,), torch.device("cpu")).add_(value)
        slots.count(1)
    total, samples = slots.total()
    assert (total.item(), samples) == (0.0, 4)
    single = SlotSum()
    for value in values:
        single.add(torch.tensor([value]), 1)
    assert single.total()[0].item() == 1.0


def test_statistics_of_a_walk_by_slots_of_its_own():
    """Gram matrices summed by the walk's slots are those summed batch by batch."""
    walk = Walk(Blocks(tiny_model("llama2")), tiny_ids(12), batch_size=1)
    by_batch, by_slot = Grams(), Grams(walk.slot)
    hidden = walk.embed()
    with walk.block(0) as block:
        layers = find_layers(walk.names[0], block)
        for grams in (by_batch, by_slot):
            with observed_inputs(block, layers, grams.add):
                walk.run(0, block, hidden)
    for name in list(by_batch.sums):
        assert torch.allclose(by_batch.gram(name)[0], by_slot.gram(name)[0], rtol=1e-5, atol=1e-6)
