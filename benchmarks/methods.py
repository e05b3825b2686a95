"""Nine methods × five sparsities of one model: statistics shared, and each run alone.

python benchmarks/methods.py [--shape 2m] [--samples 16] [--tokens 128] [--runs 1]
"""

import shutil
import tempfile
from pathlib import Path

from measure import arguments, compare, report, saved_model_and_ids

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


def measured_once(folder, device):
    """Dense activations and gradients of the model in `folder`: kind → file."""
    files = {kind: folder / f"{kind}.safetensors" for kind in ("activations", "gradients")}
    text = folder / "m", folder / "ids.safetensors"
    measure_activations(*text, files["activations"], device=device)
    norms = {"loss": "last_token", "norms": ["l2"]}
    compute_gradients(*text, files["gradients"], device=device, **norms)
    return files


def main() -> None:
    """Run both ways and write the result."""
    options = arguments(__doc__, shape="2m", samples=16, tokens=128, runs=1)
    runs, device = options.pop("runs"), options.pop("device")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        saved_model_and_ids(folder, **options)
        ways = {
            "statistics shared": lambda: grid(folder, device, measured_once(folder, device)),
            "each alone": lambda: grid(folder, device, {}),
        }
        ways = compare(ways, runs)
    report("methods", options | {"device": device}, ways, "statistics shared", {"each alone": 4.0})


if __name__ == "__main__":
    main()
