"""What prune_model takes on the demo's model beside its imports, the first time in a process.

python benchmarks/start.py [--runs 3]
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from measure import arguments, report
from safetensors.torch import save_file

ROOT = Path(__file__).parents[1]
MODEL, METHODS, SAMPLES, TOKENS = ROOT / "data/demo/model", ("magnitude", "wanda"), 16, 128
CODE = """
import importlib, json, pkgutil, sys, time
from pathlib import Path
began = time.perf_counter(), time.process_time()
import accelerate
from transformers import AutoModelForCausalLM, LlamaForCausalLM
from fairprune import io, models, pruning, statistics
for package in (io, models, pruning, statistics):
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("_kernel"):  # Triton's, which a CPU has not
            importlib.import_module(found.name)
from fairprune.pruning.step import prune_model
imported = time.perf_counter(), time.process_time()
model, ids, output, method = sys.argv[1:]
prune_model(Path(model), method, Path(output), sparsity="0.5", calibration=Path(ids))
done = time.perf_counter(), time.process_time()
for some, more in ((began, imported), (imported, done)):
    print(json.dumps([b - a for a, b in zip(some, more)]))
"""


def once(folder, method, run):
    """Seconds, and the processor's, of the imports and of pruning."""
    words = [MODEL, folder / "ids.safetensors", folder / f"{method}-{run}", method]
    command = [sys.executable, "-c", CODE, *map(str, words)]
    paths = {"PYTHONPATH": str(ROOT / "scripts"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=paths)
    return [json.loads(line) for line in done.stdout.splitlines()[-2:]]


def main() -> None:
    """Run each method some times, each in a process of its own, and write the result."""
    runs = arguments(__doc__, runs=3)["runs"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vocabulary = json.loads((MODEL / "config.json").read_text())["vocab_size"]
        ids = torch.randint(3, vocabulary, (SAMPLES, TOKENS))
        save_file({"input_ids": ids}, folder / "ids.safetensors")
        times = {method: [once(folder, method, run) for run in range(runs)] for method in METHODS}
    ways = {method: median([pruned for _, pruned in each]) for method, each in times.items()}
    ways["imports alone"] = median([imports for each in times.values() for imports, _ in each])
    about = {"model": "demo", "samples": SAMPLES, "tokens": TOKENS, "device": "cpu"}
    report("start", about, ways, METHODS[-1])


def median(pairs):
    """Medians of seconds and of the processor's."""
    seconds, busy = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {"median_seconds": seconds, "median_processor_seconds": busy, "peak_bytes": 0}


if __name__ == "__main__":
    main()
