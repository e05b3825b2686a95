"""Cases of the kernel, printed as JSON: test_sparsegpt_kernel.py runs them where Triton is.

python sparsegpt_kernel_cases.py numbers | compiled
"""

import json
import sys

import torch
from triton_cases import compiled, taken

from fairprune.pruning import sparsegpt, sparsegpt_kernel
from fairprune.pruning.factor import inverse_factor
from fairprune.pruning.sparsegpt_kernel import TILE, WARPS, solve_block

# Columns × outputs: one of each; less than a tile; whole tiles; the last ones in part.
SHAPES = [(1, 1), (3, 20), (128, 2 * TILE), (100, TILE + 5)]
PATTERNS = {"2:4": 100, "4:8": 128, "1:5": 125, "1:2": 2}


def made(count, outs, seed=0):
    """Weights, a part of a factor, and a mask."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(4 * count + 50, count + 7, generator=generator)
    upper = inverse_factor(inputs.T @ inputs, "layer").upper[:count, :count]
    columns = torch.randn(count, outs, generator=generator)
    return columns, upper, torch.rand(count, outs, generator=generator) < 0.5


def plain(columns, upper, masks, kept=0, run=0):
    """One column after the other, every error to all columns on its right; float64."""
    columns, upper, masks = columns.double(), upper.double(), masks.clone()
    errors = torch.zeros_like(columns)
    for i in range(len(columns)):
        if run and i % run == 0:
            scores = (columns[i : i + run] / upper.diagonal()[i : i + run, None]).square()
            lowest = scores.sort(dim=0, stable=True).indices[: run - kept]
            masks[i : i + run] = torch.zeros_like(scores, dtype=torch.bool).scatter(0, lowest, True)
        errors[i] = torch.where(masks[i], columns[i] / upper[i, i], 0)
        columns[i + 1 :] -= upper[i, i + 1 :, None] * errors[i]
        columns[i][masks[i]] = 0
    return columns, errors, masks


def difference(found, expected):
    """The largest, as a share of the largest value."""
    return float((found.double() - expected).abs().max() / expected.abs().max().clamp(min=1e-30))


def compared(found, errors, masks, expected):
    """Differences of weights and errors, and the share of equal mask bits."""
    return {
        "weights": difference(found, expected[0]),
        "errors": difference(errors, expected[1]),
        "masks": float((masks == expected[2]).float().mean()),
    }


def numbers():
    """Differences by case, and which properties hold."""
    found = {}
    for count, outs in SHAPES:
        columns, upper, masks = made(count, outs)
        expected = plain(columns, upper, masks)
        errors = solve_block(columns, upper, masks)
        found[f"unstructured {count} x {outs}"] = compared(columns, errors, masks, expected)
    for pattern, count in PATTERNS.items():
        kept, run = map(int, pattern.split(":"))
        columns, upper, masks = made(count, TILE + 5)
        expected = plain(columns, upper, masks, kept, run)
        errors = solve_block(columns, upper, masks, run, run - kept)
        found[pattern] = compared(columns, errors, masks, expected)
    return {"differences": found, "same": same()}


def same():
    """Properties that hold to the last bit."""
    columns, upper, masks = made(64, 20)
    equal, chosen = torch.ones(64, 20), masks.clone()
    solve_block(equal, torch.eye(64), chosen, 4, 2)
    broken, alone = columns.clone(), columns.clone()
    broken[:, 3] = float("inf")
    solve_block(broken, upper, masks.clone())
    solve_block(alone, upper, masks.clone())
    others = [i for i in range(20) if i != 3]
    odd = columns.clone()
    odd[:, 3] = float("nan")
    solve_block(odd, upper, chosen_odd := masks.clone(), 4, 2)
    torch.cuda.get_device_capability = lambda _: (8, 0)
    kinds = [(0, 0), (2, 1), (4, 2), (8, 4), (5, 4), (16, 8)]
    rows = [columns.clone(), upper.contiguous(), masks.clone()]
    solve_block(*rows)
    return {
        "whatever the strides": upper.stride(0) == 1 and torch.equal(rows[0], alone),
        "of equal scores the first go": bool(chosen.view(16, 4, 20)[:, :2].all())
        and not bool(chosen.view(16, 4, 20)[:, 2:].any()),
        "beside an output that is not finite": torch.equal(broken[:, others], alone[:, others]),
        "pruned weights are zeros": bool(alone[masks].eq(0).all()),
        "of NaN as many go, and they stay": bool(
            odd[:, 3].isnan().any() and (chosen_odd.view(16, 4, 20).sum(1) == 2).all()
        ),
        "every trial passes": all(
            sparsegpt.kernel_on.__wrapped__(torch.device("cpu"), *kind) is solve_block
            for kind in kinds
        ),
    }


def made_of(capability, run, pruned):
    """What the compiler makes of the kernel."""
    pointers = {"columns": "*fp32", "masks": "*i8", "errors": "*fp32", "upper": "*fp32"}
    counts = ("count", "outs")
    fixed = {"RUN": run, "PRUNED": pruned, "WIDTH": 128, "TILE": TILE}
    kernel, options = sparsegpt_kernel._solve, {"num_warps": WARPS}
    made = compiled(kernel, pointers, counts, fixed, capability, options)
    return {"shared": made.metadata.shared, **taken(made)}


if __name__ == "__main__":
    if sys.argv[1] == "numbers":
        print(json.dumps(numbers()))
    else:
        cases = [(80, 0, 0), (90, 0, 0), (90, 4, 2), (90, 8, 4)]
        print(json.dumps({str(case): made_of(*case) for case in cases}))
