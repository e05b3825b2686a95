"""What a GPU run asks of its device, seen without one: tensors that only pretend to be there."""

from contextlib import suppress

import numpy as np
import pytest
import torch
from torch._subclasses.fake_tensor import DynamicOutputShapeException, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode

from fairprune.pruning.allocations.alphapruning import exponent
from fairprune.pruning.masks import Masks, pack, unpack, unpack_there
from fairprune.pruning.packed import MASK, write_masks
from fairprune.pruning.partition import kth_lowest, kth_of_many


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
    with FakeTensorMode(), Asked() as asked:
        scores = torch.empty(1, 4096 * 11008, device="cuda")
        with suppress(DynamicOutputShapeException):  # how many bins a histogram has
            kth_lowest(scores, 100)
    assert "kthvalue" not in asked.there and "bincount" in asked.there
    with FakeTensorMode(), Asked() as asked:
        kth_lowest(torch.empty(4096, 11008, device="cuda"), 100)
    assert "kthvalue" in asked.there


def test_the_fit_of_alphapruning_waits_for_the_device_once():
    with FakeTensorMode(), Asked() as asked, pytest.raises(DynamicOutputShapeException):
        exponent(torch.empty(64, 96, device="cuda"), "code")
    assert asked.there.count("_to_copy") <= 2  # to float64, and the eigenvalues to the host
    assert asked.there[-1] == "_to_copy"
    assert not {"_local_scalar_dense", "nonzero", "index"} & set(asked.there)


def test_masks_are_sent_packed():
    mask = torch.rand(33, 45, generator=torch.Generator().manual_seed(0)) < 0.5
    bits = pack(mask)
    assert torch.equal(unpack_there(torch.from_numpy(bits), (33, 45)), mask)
    assert torch.equal(unpack(bits, (33, 45)), mask)


def test_a_mask_is_unpacked_where_the_weight_is(tmp_path):
    write_masks(tmp_path / MASK, {"a": pack(torch.ones(3, 5, dtype=torch.bool))}, {"a": (3, 5)})
    there = Masks(tmp_path / MASK).on("a", torch.device("meta"))
    assert (there.device.type, there.shape, there.dtype) == ("meta", (3, 5), torch.bool)
