"""What one variant costs by each method: `prune_model.py` to 50 %, a process each.

python benchmarks/each_method.py [--shape 30m] [--samples 16] [--tokens 128]

Dense activations and gradients are given as files, as in the workflow, where they are measured
once for all variants (see activations.json and gradients.json). Time and memory are those of the
whole command, with Python, PyTorch and the model: magnitude shows what these take.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import arguments, report, saved_model_and_ids
from methods import measured_once

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
    options = arguments(__doc__, shape="30m", samples=16, tokens=128)
    device = options.pop("device")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model, ids = saved_model_and_ids(folder, **options)
        given = [f"--{kind}={file}" for kind, file in measured_once(folder, device).items()]
        given += [f"--model={model}", f"--calibration={ids}", f"--device={device}"]
        ways = {}
        for number, (way, changes) in enumerate(METHODS.items()):
            asked = ["--method", way.split()[0], "--sparsity", "0.5", *changes, *given]
            output = ["--output", str(folder / f"p{number}")]
            ways[way] = cost([sys.executable, str(ENTRY), *asked, *output])
    report("each_method", options | {"device": device}, ways, "magnitude")


if __name__ == "__main__":
    main()
