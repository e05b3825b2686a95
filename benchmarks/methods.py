"""Nine methods × five sparsities of one model: statistics shared, and each run alone.

python benchmarks/methods.py [--shape 2m] [--samples 16] [--tokens 128] [--runs 1]
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import torch
from measure import compare, random_ids, random_model, report
from safetensors.torch import save_file

from fairprune.pruning.step import prune_model
from fairprune.statistics.activation_job import measure_activations
from fairprune.statistics.gradient_job import compute_gradients

SPARSITIES = ("0.1", "0.2", "0.3", "0.4", "0.5")
METHODS = {
    "random": {},
    "magnitude": {},
    "wanda": {},
    "multiflow": {},
    "gradient": {"option": ["score.loss=last_token"]},
    "gblm": {"option": ["score.loss=last_token"]},
    "hgla": {},
    "hgla-repository": {},
    "hgla owl": {"allocation": "owl"},
}


def grid(folder, device, files):
    """Prune to every sparsity by every method, with the statistics that are in `files`."""
    for name, changes in METHODS.items():
        for sparsity in SPARSITIES:
            shutil.rmtree(folder / "p", ignore_errors=True)
            prune_model(
                folder / "m",
                name.split()[0],
                folder / "p",
                sparsity=sparsity,
                calibration=folder / "ids.safetensors",
                device=device,
                **changes,
                **files,
            )


def shared(folder, device):
    """Dense activations and gradients once, for all that want them."""
    files = {kind: folder / f"{kind}.safetensors" for kind in ("activations", "gradients")}
    text = folder / "m", folder / "ids.safetensors"
    measure_activations(*text, files["activations"], device=device)
    norms = {"loss": "last_token", "norms": ["l2"]}
    compute_gradients(*text, files["gradients"], device=device, **norms)
    grid(folder, device, files)


def main() -> None:
    """Run both ways and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="2m")
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as name:
        folder, device = Path(name), options["device"]
        random_model(options["shape"]).save_pretrained(folder / "m")
        ids = random_ids(options["shape"], options["samples"], options["tokens"])
        save_file({"input_ids": ids}, folder / "ids.safetensors")
        ways = {
            "statistics shared": lambda: shared(folder, device),
            "each alone": lambda: grid(folder, device, {}),
        }
        ways = compare(ways, options.pop("runs"))
    report("methods", options, ways, "statistics shared", {"each alone": 4.0})


if __name__ == "__main__":
    main()
