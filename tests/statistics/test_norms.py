"""Which way samples' norms are added up: the kernel's, or that of gradients in memory."""

import sys
from types import SimpleNamespace

import pytest
import torch
from on_card import OnCard

from fairprune.statistics import norms
from fairprune.statistics.norms import add_norms, kernel_on

KERNEL = "fairprune.statistics.norm_kernel"
SAMPLES, TOKENS, OUT, IN = 5, 7, 3, 4


def pair(dtype, kind=OnCard):
    generator = torch.Generator().manual_seed(0)
    sizes = (SAMPLES, TOKENS, IN), (SAMPLES, TOKENS, OUT)
    return [torch.randn(size, generator=generator).to(dtype).as_subclass(kind) for size in sizes]


def zeros():
    return {norm: torch.zeros(OUT, IN) for norm in ("l1", "l2")}


@pytest.fixture
def no_triton(monkeypatch):
    monkeypatch.setitem(sys.modules, "triton", None)
    monkeypatch.delitem(sys.modules, KERNEL, raising=False)
    kernel_on.cache_clear()
    yield
    kernel_on.cache_clear()


@pytest.fixture
def products(monkeypatch):
    """How many samples' gradients were in memory at a time."""
    seen = []

    def product(left, right):
        seen.append(len(left) if left.ndim == 3 else 1)
        return left.float() @ right.float()

    monkeypatch.setattr(norms, "float32_product", product)
    return seen


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_without_triton_gradients_are_in_memory(dtype, no_triton, products, capfd):
    x, dy = pair(dtype)
    sums = zeros()
    add_norms(x, dy, sums, room=4 * OUT * IN * 2)
    assert products == [2, 2, 1]
    gradients = torch.einsum("sto,sti->soi", dy.double(), x.double())
    assert torch.allclose(sums["l1"], gradients.abs().sum(0).float(), rtol=1e-5)
    assert torch.allclose(sums["l2"], gradients.square().sum(0).float(), rtol=1e-5)
    assert capfd.readouterr() == ("", "")


def test_the_kernel_takes_half_precision_on_a_card(monkeypatch, products):
    asked, given = [], []
    kernel = lambda *args: given.append(args)  # noqa: E731
    monkeypatch.setattr(norms, "kernel_on", lambda *args: asked.append(args) or kernel)
    x, dy = pair(torch.bfloat16)
    sums = zeros()
    add_norms(x, dy, sums, room=1)
    assert asked == [(x.device, torch.bfloat16)] and not products
    assert [id(a) for a in given[0]] == [id(a) for a in (x, dy, sums)]


@pytest.mark.parametrize(
    "given",
    [
        pair(torch.float32),
        pair(torch.bfloat16, torch.Tensor),
        [pair(torch.bfloat16)[0], pair(torch.float16)[1]],
    ],
    ids=["float32", "on the host", "two dtypes"],
)
def test_all_else_does_not_ask_for_it(given, monkeypatch, products):
    monkeypatch.setattr(norms, "kernel_on", None)
    add_norms(*given, zeros())
    assert products == [1] * SAMPLES


SAID = "note: gradients take longer, for Triton fails: "


def fails(*_):
    raise RuntimeError("Failed to find C compiler.\nPlease specify one.")


def adds(x, dy, sums):
    sums["l1"] += 1


@pytest.mark.parametrize(
    ("kernel", "capability", "said"),
    [
        (adds, (9, 0), ""),
        (adds, (7, 5), ""),
        (fails, (7, 5), ""),
        (
            fails,
            (8, 0),
            f"{SAID}Failed to find C compiler.",
        ),
        (lambda *_: None, (8, 0), f"{SAID}1 × 1 gave 0"),
    ],
)
def test_it_is_tried_before_it_is_used(kernel, capability, said, monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, KERNEL, SimpleNamespace(add_norms=kernel))
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    found = kernel_on.__wrapped__(torch.device("cpu"), torch.bfloat16)
    assert found is (kernel if not said and capability >= (8, 0) else None)
    error = capfd.readouterr().err
    assert error.startswith(said) and error.count("\n") == bool(said)


def test_a_triton_that_is_there_and_cannot_be_imported_is_said(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, KERNEL, SimpleNamespace())
    assert kernel_on.__wrapped__(torch.device("cpu"), torch.bfloat16) is None
    assert capfd.readouterr().err.startswith(f"{SAID}cannot import name 'add_norms'")
