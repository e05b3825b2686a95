"""Memory while a model is pruned from its files: anonymous pages on a CPU, all of a GPU's.

python benchmarks/memory.py [--shape 30m] [--samples 16] [--tokens 128]

The allowance is one block in float32, the calibration activations, three squares of the widest
input in float32, and 2 GB; the public scripts hold the whole model.
"""

import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from measure import SHAPES, arguments, compare, report, saved_model_and_ids

from fairprune.pruning.step import prune_model


def allowance(shape: str, samples: int, tokens: int) -> int:
    """Bytes that pruning may take."""
    hidden, intermediate, _, heads, shared, _ = SHAPES[shape]
    attention = hidden * hidden * (2 + 2 * shared // heads)
    block = 4 * (attention + 3 * hidden * intermediate)
    return block + 4 * samples * tokens * hidden + 3 * 4 * intermediate**2 + 2 * 10**9


def pruned(folder: Path, method: str, device: str) -> dict[str, float]:
    """Prune the model in `folder` in a process of its own; what it took."""
    text = {"calibration": folder / "ids.safetensors", "device": device}

    def prune():
        prune_model(folder / "m", method, folder / method, sparsity="0.5", **text)

    return compare({method: prune}, 1)[method]


def main() -> None:
    """Prune by each method and write the peaks."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=128)
    device = options.pop("device")
    fresh = {"mp_context": get_context("spawn"), "max_tasks_per_child": 1}
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(1, **fresh) as processes:
        folder = Path(name)
        saved_model_and_ids(folder, **options)
        ways = {
            method: processes.submit(pruned, folder, method, device).result()
            for method in ("wanda", "gblm", "sparsegpt")
        }
    allowed = allowance(**options)
    report("memory", options | {"device": device}, ways, "wanda", allowed_bytes=allowed)


if __name__ == "__main__":
    main()
