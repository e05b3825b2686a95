"""Whether two runs of the same give the same files, to the last bit."""

import tempfile
from pathlib import Path

import torch
from gpu_parts.row import dtype_on, row
from measure import SHAPES, random_ids, random_model
from safetensors.torch import save_file

from fairprune.io.hashing import sha256_file
from fairprune.pruning.step import prune_model
from fairprune.statistics.gradient_job import compute_gradients
from fairprune.statistics.norms import add_norms

SHAPE = "30m"
METHODS = ("wanda", "sparsegpt", "gblm")


def rows(options):
    """1 where the files of two runs are equal, a step each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        random_model(SHAPE, dtype_on(options.device)).save_pretrained(folder / "m")
        ids = random_ids(SHAPE, min(options.samples, 16), options.tokens)
        save_file({"input_ids": ids}, folder / "ids")
        how = {"device": options.device}
        found = [
            compute_gradients(folder / "m", folder / "ids", folder / f"g{run}", **how)
            for run in (1, 2)
        ]
        equal = {"gradients": _equal(*found)}
        for method in METHODS:
            made = [folder / f"{method}{run}" for run in (1, 2)]
            for output in made:
                given = {"calibration": folder / "ids", "sparsity": "0.5", **how}
                if method == "gblm":
                    given["gradients"] = found[0]
                prune_model(folder / "m", method, output, **given)
            equal[method] = _equal(*(output / "mask.safetensors" for output in made))
    said = {f"{what}, twice": same for what, same in equal.items()}
    said["norms' sums, samples at once and one by one"] = _shared_out(options)
    return [row(what, float(same), "equal", least=1) for what, same in said.items()]


def _shared_out(options):
    """Whether the sums of a layer's norms are the same where each sample comes by itself."""
    hidden, inner, *_ = SHAPES[SHAPE]
    how = {"dtype": dtype_on(options.device), "device": options.device}
    torch.manual_seed(0)
    x, dy = (torch.randn(16, options.tokens, n, **how) for n in (hidden, inner))
    sums = []
    for size in (16, 1):
        sums.append({n: torch.zeros(inner, hidden, device=x.device) for n in ("l1", "l2")})
        for xs, dys in zip(x.split(size), dy.split(size), strict=True):
            add_norms(xs, dys, sums[-1])
    return all(torch.equal(sums[0][norm], sums[1][norm]) for norm in sums[0])


def _equal(one, other):
    return sha256_file(one) == sha256_file(other)
