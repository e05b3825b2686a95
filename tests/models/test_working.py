"""What computing a block takes: beside what torch really holds, and within a limit."""

import weakref

import pytest
import torch
from measure import random_model
from tiny_models import tiny_model
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from fairprune.errors import FairpruneError
from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers
from fairprune.models.memory import BLOCKS_SHARE, HIDDEN_SHARE, Memory
from fairprune.models.walk import Walk
from fairprune.models.working import batch_bytes, beside_work, working_bytes

CUDA = torch.device("cuda")


class Live(TorchDispatchMode):
    """The most bytes that were held at one time in tensors made while it is open."""

    def __init__(self):
        super().__init__()
        self.now = self.peak = 0
        self.known = set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        made = operation(*args, **(kwargs or {}))
        for tensor in (x for x in tree_leaves(made) if isinstance(x, torch.Tensor)):
            storage = tensor.untyped_storage()
            key, size = storage._cdata, storage.nbytes()
            if key not in self.known:
                self.known.add(key)
                self.now += size
                self.peak = max(self.peak, self.now)
                weakref.finalize(storage, self._gone, key, size)
        return made

    def _gone(self, key, size):
        self.known.discard(key)
        self.now -= size


@pytest.mark.parametrize("name", ["llama3", "gemma", "pythia", "falcon", "phi2"])
def test_a_batch_takes_what_is_counted_for_it(name):
    """Samples are short: on a GPU attention makes no matrix of tokens × tokens."""
    wide = {} if name == "falcon" else {"intermediate_size": 448}
    sizes = {"hidden_size": 128, "num_hidden_layers": 1, "max_position_embeddings": 512}
    model, tokens = tiny_model(name, **sizes, **wide), 4 * 64
    walk = Walk(Blocks(model), torch.randint(3, 90, (8, 64)), batch_size=4)
    hidden = walk.embed()[0]
    with walk.block(0) as block:
        layers = find_layers(walk.names[0], block)
        with Live() as live, torch.enable_grad():
            x = hidden.clone().requires_grad_()
            y = walk.call(0, block, 0, x)
            torch.autograd.grad(y, x, torch.ones_like(y))
    counted = batch_bytes(list(layers.values()), tokens)
    assert 0.4 * counted < live.peak <= counted


def test_a_model_of_8_billion_within_10_gb(monkeypatch):
    """The block and the next, sums of two norms twice, a batch, products: then what is kept."""
    bounds = []
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: Memory80)
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", lambda *a: bounds.append(a))
    model = random_model("llama-3-8b", torch.bfloat16, "meta")
    block = 2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 14336
    norms = 2 * 2 * 4096  # of the block's own normalisations
    batch = 8192 * (14 * 4096 + 8 * 14336) * 2
    needed = 2 * 2 * block + norms * 2 + 4 * 4 * block + batch + 3 * 2**28
    assert working_bytes(model) == needed
    left = beside_work(Memory(device=10**10, host=5), model, CUDA)
    assert left.host == 5 and left.device == 10**10 - needed
    kept = left.device * (BLOCKS_SHARE + HIDDEN_SHARE)
    assert kept + needed <= 10**10
    assert bounds == [(0.125, CUDA)]


class Memory80:
    total_memory = 80 * 10**9


def test_a_limit_under_one_block_is_refused():
    model = random_model("llama-3-8b", torch.bfloat16, "meta")
    with pytest.raises(
        FairpruneError, match=r"4 GB of GPU memory.*takes 8\.\d GB.*--device-memory"
    ):
        beside_work(Memory(device=4 * 10**9), model, CUDA)


@pytest.mark.parametrize("limit", [Memory(), Memory(device=5)])
def test_what_has_no_limit_or_no_gpu_is_left_as_it_is(limit):
    model = tiny_model("llama3")
    assert beside_work(Memory(), model, CUDA) == Memory()
    assert beside_work(limit, model, torch.device("cpu")) == limit
