"""What a GPU run asks of its device, seen without one: tensors that only pretend to be there."""

import numpy as np
import pytest
import torch
from pretend import Kernels, Pretended, put
from torch import nn
from torch._subclasses.fake_tensor import DynamicOutputShapeException, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from fairprune.pruning.allocations.alphapruning import exponent
from fairprune.pruning.block import prune_block
from fairprune.pruning.masks import Masks, pack, unpack, unpack_there
from fairprune.pruning.method import resolve
from fairprune.pruning.observation import Observed, wanted_by
from fairprune.pruning.packed import MASK, write_masks
from fairprune.pruning.partition import kth_lowest, kth_of_many
from fairprune.pruning.select import select
from fairprune.pruning.statistics import Evidence


class Asked(TorchDispatchMode):
    """The operations on a device, by name."""

    def __init__(self):
        super().__init__()
        self.there = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        tensors = [a for a in args if isinstance(a, torch.Tensor)]
        if any(t.device.type == "cuda" for t in tensors):
            self.there.append(operation.overloadpacket.__name__)
        return operation(*args, **(kwargs or {}))


@pytest.mark.parametrize("length", [1, 2, 9, 1000, 70_000])
def test_kth_of_many_is_exact(length):
    dice = torch.Generator().manual_seed(length)
    normal = torch.randn(length, generator=dice)
    ties = torch.randint(-3, 4, (length,), generator=dice).float()
    for values in (normal, normal.abs(), ties, normal * 1e-40, normal * 1e30):
        if length > 5:
            values[:4] = torch.tensor([torch.inf, -torch.inf, 0.0, -0.0])
        for k in {1, (length + 1) // 2, length}:
            assert kth_of_many(values, k) == np.sort(values.numpy())[k - 1]


def test_one_long_row_is_not_left_to_one_block_of_threads():
    row = torch.randn(1, 70_000, generator=torch.Generator().manual_seed(0))
    with Pretended() as device, Kernels() as kernels:
        found = kth_lowest(put(row), 100)
    assert "kthvalue" not in kernels.names and device.waits == 0
    assert found.as_subclass(torch.Tensor).item() == np.sort(row.numpy()[0])[99]
    with Pretended(), Kernels() as kernels:
        kth_lowest(put(row.view(700, 100)), 10)
    assert "kthvalue" in kernels.names


def test_the_fit_of_alphapruning_waits_for_the_device_once():
    with FakeTensorMode(), Asked() as asked, pytest.raises(DynamicOutputShapeException):
        exponent(torch.empty(64, 96, device="cuda"), "code")
    assert asked.there.count("_to_copy") <= 2  # to float64, and the eigenvalues to the host
    assert asked.there[-1] == "_to_copy"
    assert not {"_local_scalar_dense", "nonzero", "index"} & set(asked.there)


def test_masks_are_sent_packed():
    mask = torch.rand(33, 45, generator=torch.Generator().manual_seed(0)) < 0.5
    bits = pack(mask)
    with Pretended() as device:
        assert np.array_equal(pack(put(mask)), bits)
    assert (device.fetched, device.waits) == (-(-33 * 45 // 8), 1)
    assert torch.equal(unpack_there(torch.from_numpy(bits), (33, 45)), mask)
    assert torch.equal(unpack(bits, (33, 45)), mask)


def test_a_mask_is_unpacked_where_the_weight_is(tmp_path):
    write_masks(tmp_path / MASK, {"a": pack(torch.ones(3, 5, dtype=torch.bool))}, {"a": (3, 5)})
    there = Masks(tmp_path / MASK).on("a", torch.device("meta"))
    assert (there.device.type, there.shape, there.dtype) == ("meta", (3, 5), torch.bool)


WIDTH, INNER = 64, 160
INPUTS = {  # of a block as Llama's: the first layer that takes each, and all of them
    "self_attn.q": ("self_attn.q", "self_attn.k", "self_attn.v"),
    "self_attn.o": ("self_attn.o",),
    "mlp.gate": ("mlp.gate", "mlp.up"),
    "mlp.down": ("mlp.down",),
}
COLUMNS = 3 * WIDTH + INNER
EVEN = {name: 0.5 for names in INPUTS.values() for name in names}
ROWS = {
    name: torch.linspace(0.3, 0.7, INNER if name in INPUTS["mlp.gate"] else WIDTH).double()
    for name in EVEN
}
SWAPS = {"refinement": "sparseswaps", "options": {"refinement.max_swaps": 3}}


def pruned(method, shares, to):
    """A block pruned, what was asked of the device for it, and how often it was waited for."""
    dice = torch.Generator().manual_seed(0)
    wide = dict.fromkeys(INPUTS, WIDTH) | {"mlp.down": INNER}
    observed, layers = Observed(wanted_by(method), 8), {}
    with Pretended() as device, torch.no_grad():
        for leader, names in INPUTS.items():
            observed.add(leader, to(torch.randn(2, 100, wide[leader], generator=dice)))
            observed.leaders |= dict.fromkeys(names, leader)
            for name in names:
                weight = torch.randn(len(ROWS[name]), wide[leader], generator=dice)
                layers[name] = nn.Linear(*weight.T.shape, bias=False, device="meta")
                layers[name].weight = nn.Parameter(to(weight), requires_grad=False)
        observed.finish()
        device.waits = 0
        with Kernels() as kernels:
            done = prune_block(layers, method, shares, Evidence(), observed)
        return done, kernels.names, device.waits


@pytest.mark.parametrize(
    ("name", "how", "shares", "waits"),
    [
        ("wanda", {}, EVEN, 7 + 1),  # one a layer, and one for all figures
        ("wanda", {}, ROWS, 7 + 1),  # as NeuroAL's candidates
        ("wanda", {"pattern": "2:4", "sparsity": None}, EVEN, 7 + 1),
        ("magnitude", {}, EVEN, 7 + 1),
        ("wanda", {"refinement": "dsnot"}, EVEN, 7 + 1 + 4 * 7),  # 50 exchanges, 4 layers
        ("wanda", SWAPS, EVEN, 7 + 1 + 7 * 3 * 2),
        ("sparsegpt", {}, EVEN, 4 + 4 + 1),  # a factor, and numbers that are not finite
        ("sparsegpt", {"pattern": "2:4", "sparsity": None}, EVEN, 4 + 1),
    ],
)
def test_a_gpu_prunes_what_the_host_prunes_and_is_seldom_waited_for(name, how, shares, waits):
    method = resolve(name, **{"sparsity": "0.5"} | how)
    expected, _, none = pruned(method, shares, lambda x: x)
    found, kernels, waited = pruned(method, shares, put)
    assert none == 0 and waited <= waits
    for layer, one in expected.items():
        other = found[layer]
        assert torch.equal(other.mask.as_subclass(torch.Tensor), one.mask), layer
        assert other.figures == one.figures
        if one.weight is not None:
            assert torch.equal(other.weight.as_subclass(torch.Tensor), one.weight), layer
    if name == "sparsegpt" and not how:
        assert kernels.count("addmv_") < COLUMNS  # once a column of an input, not of a layer
        assert len(kernels) < 3 * COLUMNS  # two a column, and what a block or input takes


@pytest.mark.parametrize("strange", [0.25, float("nan"), float("-inf")])
@pytest.mark.parametrize("group", ["row", "rows", "layer", "N:M", "adaptive"])
def test_ties_and_numbers_that_are_none_are_as_on_the_host(group, strange):
    scores = torch.randint(0, 6, (8, 64), generator=torch.Generator().manual_seed(0)) / 4
    scores[3, 5] = strange
    share = torch.linspace(0, 1, 8).double() if group == "rows" else 0.4
    how = {"share": share, "group": group, "layer": "layer", "pattern": "2:4"}
    expected = select(scores.clone(), **how)
    with Pretended():
        found = select(put(scores.clone()), **how)
        mask = found.mask.cpu()
    assert torch.equal(mask, expected.mask)
    assert (found.kept_nonfinite, found.alpha) == (expected.kept_nonfinite, expected.alpha)
