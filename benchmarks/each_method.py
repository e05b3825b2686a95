"""What one variant costs by each method: `prune_model.py` to 50 %, a process each.

python benchmarks/each_method.py [--shape 30m] [--samples 16] [--tokens 128]

Dense activations and gradients are given as files, as in the workflow, where they are measured
once for all variants (see activations.json and gradients.json). Time and memory are those of the
whole command, with Python, PyTorch and the model: magnitude shows what these take.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from measure import random_ids, random_model, report
from safetensors.torch import save_file

from fairprune.statistics.activation_job import measure_activations
from fairprune.statistics.gradient_job import compute_gradients

ENTRY = Path(__file__).parents[1] / "scripts/prune_model.py"
LAST = ("--option", "score.loss=last_token")
METHODS = {
    "magnitude": (),
    "random": (),
    "wanda": (),
    "multiflow": (),
    "gradient": LAST,
    "gblm": LAST,
    "hgla": (),
    "sparsegpt": (),
    "wanda + owl": ("--allocation", "owl"),
    "wanda + alphapruning": ("--allocation", "alphapruning"),
    "wanda + neuroal-block": ("--allocation", "neuroal-block"),
    "wanda + neuroal-row": ("--allocation", "neuroal-row"),
    "wanda + neuroal": ("--allocation", "neuroal"),
    "wanda + dsnot": ("--refinement", "dsnot"),
}


def cost(command: list[str]) -> dict[str, float]:
    """Run a command: its seconds, its processor's, and its largest resident memory in bytes.

    The shell stands between, as a child takes over its parent's peak, and this process is large.
    """
    started = time.perf_counter()
    shell = ["sh", "-c", '"$@"; exit $?', "sh", *command]
    child = subprocess.Popen(shell, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"error: {said}")
    memory = re.search(r"peak memory (\d+) MiB", said)
    return {
        "median_seconds": time.perf_counter() - started,
        "median_processor_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": int(memory[1]) * 2**20,
    }


def main() -> None:
    """Prune by every method and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="30m")
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as name:
        folder, device = Path(name), options["device"]
        random_model(options["shape"]).save_pretrained(folder / "m")
        ids = random_ids(options["shape"], options["samples"], options["tokens"])
        save_file({"input_ids": ids}, folder / "ids.safetensors")
        files = {kind: folder / f"{kind}.safetensors" for kind in ("activations", "gradients")}
        text = folder / "m", folder / "ids.safetensors"
        measure_activations(*text, files["activations"], device=device)
        norms = {"loss": "last_token", "norms": ["l2"]}
        compute_gradients(*text, files["gradients"], device=device, **norms)
        given = [f"--{kind}={file}" for kind, file in files.items()]
        given += [f"--model={text[0]}", f"--calibration={text[1]}", f"--device={device}"]
        ways = {}
        for number, (way, changes) in enumerate(METHODS.items()):
            asked = ["--method", way.split()[0], "--sparsity", "0.5", *changes, *given]
            output = ["--output", str(folder / f"p{number}")]
            ways[way] = cost([sys.executable, str(ENTRY), *asked, *output])
    report("each_method", options, ways, "magnitude")


if __name__ == "__main__":
    main()
