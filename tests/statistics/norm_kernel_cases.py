"""Cases of the kernel: run by test_norm_kernel.py, in a process that has Triton, printed as JSON.

python norm_kernel_cases.py numbers | compiled
"""

import json
import sys

import torch
import triton
from triton_cases import compiled

from fairprune.statistics import norm_kernel
from fairprune.statistics.norm_kernel import STAGES, STEP, TILE, WARPS, add_norms

NORMS = (["l1"], ["l2"], ["l1", "l2"])
# Samples × tokens × out × in: one of each; less than a tile; whole tiles; more tiles than a
# group has, the last of each kind in part.
SHAPES = [
    (1, 1, 1, 1),
    (3, 70, 37, 150),
    (2, STEP, TILE, TILE),
    (2, 2 * STEP + 1, norm_kernel.GROUP * TILE + 60, TILE + 12),
]
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
ROUNDING = 2.0**-24  # of a float32, relative


def multiply_bfloat16():
    """Triton's interpreter multiplies the bits of bfloat16 as if they were whole numbers."""
    from triton.runtime import interpreter as run

    plain = run.InterpreterBuilder.create_dot

    def widened(handle):
        if handle.dtype.scalar != triton.language.bfloat16:
            return handle
        single = triton.language.float32
        bits = handle.data.astype("uint32") << 16
        return run.TensorHandle(bits.view("float32"), single)

    def create_dot(self, a, b, *rest):
        return plain(self, widened(a), widened(b), *rest)

    run.InterpreterBuilder.create_dot = create_dot


def made(shape, dtype, seed=0):
    """Inputs, output gradients, and sums that are there already."""
    samples, tokens, outs, ins = shape
    generator = torch.Generator().manual_seed(seed)
    sizes = (samples, tokens, ins), (samples, tokens, outs)
    x, dy = (torch.randn(size, generator=generator).to(dtype) for size in sizes)
    return x, dy, {n: torch.rand(outs, ins, generator=generator) for n in ("l1", "l2")}


def error(found, before, x, dy, norm):
    """The largest error, as a share of what sums in float32 may come to (Higham, section 3.1)."""
    total, most = before.double(), torch.zeros_like(before, dtype=torch.float64)
    size = total.clone()
    terms, tokens = len(x) + 2, x.shape[1] + 1
    for xs, dys in zip(x.double(), dy.double(), strict=True):
        gradient = dys.T @ xs
        off = tokens * ROUNDING / (1 - tokens * ROUNDING) * (dys.abs().T @ xs.abs())
        if norm == "l1":
            term, beyond = gradient.abs(), off
        else:
            term, beyond = gradient.square(), 2 * gradient.abs() * off + off.square()
        total, most, size = total + term, most + beyond, size + term + beyond
    most += terms * ROUNDING / (1 - terms * ROUNDING) * size
    return float(((found.double() - total).abs() / most).max())


def added(x, dy, sums, size=None):
    """Sums with those of the samples, `size` at a call."""
    sums = {norm: each.clone() for norm, each in sums.items()}
    for xs, dys in zip(x.split(size or len(x)), dy.split(size or len(dy)), strict=True):
        add_norms(xs, dys, sums)
    return sums


def numbers():
    """Errors by case, and which properties hold."""
    multiply_bfloat16()
    errors = {}
    for name, dtype in DTYPES.items():
        for shape in SHAPES:
            x, dy, before = made(shape, dtype)
            for norms in NORMS:
                found = added(x, dy, {n: before[n] for n in norms})
                for n in norms:
                    key = f"{name} {shape} {n} of {'+'.join(norms)}"
                    errors[key] = error(found[n], before[n], x, dy, n)
    x, dy, before = made((5, STEP + 3, 20, 30), torch.float16)
    whole = added(x, dy, before)
    strided = added(x.mT.contiguous().mT, dy.mT.contiguous().mT, before)
    shared = [added(x, dy, before, size) for size in (1, 2, 3)]
    alone = [added(x, dy, {norm: before[norm]}) for norm in before]
    broken = x.clone()
    broken[1, -1, -1] = float("inf")
    beside = added(broken, dy, before)
    same = {
        "however samples are shared out over calls": all(equal(s, whole) for s in shared),
        "with one norm as with both": equal({**alone[0], **alone[1]}, whole),
        "whatever the strides": equal(strided, whole),
        "beside a column that is not finite": all(
            torch.equal(beside[n][:, :-1], whole[n][:, :-1])
            and not beside[n][:, -1].isfinite().any()
            for n in whole
        ),
    }
    return {"errors": errors, "same": same}


def equal(one, other):
    """Whether two results have the same bits."""
    return all(torch.equal(one[norm], other[norm]) for norm in other)


def made_of(capability, dtype, norms):
    """What the compiler makes of the kernel."""
    pointers = {"x": f"*{dtype}", "dy": f"*{dtype}", "l1": "*fp32", "l2": "*fp32"}
    fixed = {"TILE": TILE, "STEP": STEP, "GROUP": norm_kernel.GROUP}
    fixed |= {norm: None for norm in ("l1", "l2") if norm not in norms}
    counts = ("samples", "tokens", "outs", "ins")
    options = {"num_warps": WARPS, "num_stages": STAGES}
    kernel = norm_kernel._add
    made = compiled(kernel, pointers, counts, fixed, capability, options, unaligned=("samples",))
    return {
        "shared": made.metadata.shared,
        "on tensor cores": "wgmma.mma_async" in made.asm["ptx"] or "mma.sync" in made.asm["ptx"],
        "rounded to TF32": ".tf32" in made.asm["ptx"],
    }


if __name__ == "__main__":
    if sys.argv[1] == "numbers":
        print(json.dumps(numbers()))
    else:
        cases = [(80, "bf16", ["l1"]), (90, "bf16", ["l1"]), (90, "fp16", ["l1", "l2"])]
        print(json.dumps({str(case): made_of(*case) for case in cases}))
