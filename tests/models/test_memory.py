"""Hidden states stay where there is room, and come back as they were."""

import gc
from types import SimpleNamespace

import psutil
import pytest
import torch
from tiny_models import tiny_ids, tiny_model

from fairprune.models import memory
from fairprune.models.blocks import Blocks
from fairprune.models.memory import Keeper, Memory
from fairprune.models.walk import Walk

CPU = torch.device("cpu")


def test_gigabytes():
    assert Memory.gigabytes(1.5, None) == Memory(1_500_000_000, None)


def test_what_finds_no_room_goes_to_a_file_and_comes_back():
    keeper = Keeper(CPU, Memory(host=1000))  # half of it: 500 bytes
    tensors = [torch.randn(2, 5, 10) for _ in range(3)]  # 400 bytes each
    kept = [keeper.keep(x) for x in tensors]
    assert kept[0] is tensors[0]
    assert all(k is not x for k, x in zip(kept[1:], tensors[1:], strict=True))
    assert all(map(torch.equal, kept, tensors))
    assert keeper.on_host.used == 400


def test_room_is_given_back():
    keeper = Keeper(CPU, Memory(host=1000))
    kept = keeper.keep(torch.randn(2, 5, 10))
    assert keeper.on_host.used == 400
    del kept
    gc.collect()
    assert keeper.on_host.used == 0


def test_every_dtype_can_be_kept_in_a_file():
    keeper = Keeper(CPU, Memory(host=1))
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        x = torch.randn(3, 4).to(dtype)
        assert torch.equal(keeper.keep(x), x)


def test_a_walk_through_files_is_the_same_walk():
    model = tiny_model("llama3")
    ids = tiny_ids()

    def last(room: Memory) -> torch.Tensor:
        walk = Walk(Blocks(model, room), ids)
        hidden = walk.embed()
        for index in range(len(walk)):
            with walk.block(index) as block:
                hidden = walk.run(index, block, hidden)
        return torch.cat(hidden)

    assert torch.equal(last(Memory(host=1)), last(Memory()))


def test_a_control_group_limits_what_is_free(tmp_path, monkeypatch):
    """The group's limit less what it uses; files in its memory give way."""
    monkeypatch.setattr(memory, "CONTROL_GROUPS", tmp_path)
    group = tmp_path
    (group / "memory.max").write_text("10000\n")
    (group / "memory.current").write_text("7000\n")
    (group / "memory.stat").write_text("anon 3000\nfile 4000\n")
    assert memory.free_on_host() == 7000
    (group / "memory.max").write_text("max\n")
    assert memory.free_on_host() > 10**6


def test_what_was_asked_of_slurm_bounds_what_is_free(monkeypatch):
    before = memory.free_on_host()
    own = psutil.Process().memory_info().rss >> 20
    monkeypatch.setenv("SLURM_MEM_PER_NODE", str(own + 500))
    assert memory.free_on_host() == pytest.approx(500 * 2**20, abs=2**26)
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "0")  # all of the node's
    assert memory.free_on_host() == pytest.approx(before, rel=0.2)


def test_samples_are_grouped_by_the_card_not_by_what_is_free(monkeypatch):
    card = SimpleNamespace(total_memory=80 * 2**30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: card)
    cuda = torch.device("cuda")
    assert Memory().for_products(cuda) == 80 * 2**30 // 32
    assert Memory(device=10**10).for_products(cuda) == 2**29


def test_no_memory_at_all_is_not_all_memory():
    assert Memory(host=0).for_hidden_on_host() == 0
