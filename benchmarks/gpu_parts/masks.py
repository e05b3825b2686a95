"""Masks made on the device: beside those of the public implementations, and of our own CPU."""

import json
import tempfile
from pathlib import Path

from gpu_parts.row import row

from fairprune.pruning.masks import Masks
from fairprune.pruning.step import prune_model

FOLDER = "stories260k"
LEAST = {"dsnot": 0.98, "sparsegpt": 0.99}  # of the golden files; else 0.999


def agreement(found, expected):
    """The share of equal mask bits over all layers."""
    layers = list(expected.shapes)
    same = sum(int((found[layer] == expected[layer]).sum()) for layer in layers)
    return same / sum(expected[layer].numel() for layer in layers)


def prune(case, shared, output, device):
    """One golden case through the step."""
    files = shared / "golden" / FOLDER
    group = case["group"] if case["group"] in ("row", "layer", "adaptive") else None
    prune_model(
        shared / "models" / FOLDER,
        case["method"],
        output,
        sparsity=str(case["sparsity"]),
        pattern=case["pattern"],
        allocation=case["allocation"],
        refinement=case["refinement"],
        group=group,
        option=[f"{key}={value}" for key, value in case["options"].items()],
        calibration=files / "calibration.safetensors",
        gradients=files / f"{case['gradients']}.safetensors" if case["gradients"] else None,
        device=device,
    )
    return Masks(output)


def cases(golden):
    """The first case of each method with each allocation and refinement."""
    found = {}
    for file in sorted(golden.glob("cases*.json")):
        for case in json.loads(file.read_text()):
            key = case["method"], case["allocation"], case["refinement"]
            if case["case"] != "wanda_4to8":  # not every layer divides
                found.setdefault(key, case)
    return found.values()


def rows(options):
    """Agreement with the golden file, and with the masks made on the CPU, a case each."""
    golden, found = options.shared / "golden" / FOLDER, []
    with tempfile.TemporaryDirectory() as name:
        for case in cases(golden):
            key = case["case"]
            there = prune(case, options.shared, Path(name) / f"{key}-there", options.device)
            here = prune(case, options.shared, Path(name) / f"{key}-here", "cpu")
            least = next((low for part, low in LEAST.items() if part in key), 0.999)
            expected = Masks(golden / "masks" / f"{key}.safetensors")
            found += [
                row(f"{key}, golden", agreement(there, expected), "equal", least=least),
                row(f"{key}, CPU", agreement(there, here), "equal", least=least),
            ]
    return found
