"""What a run will ask of a machine, before anything is downloaded: memory, time, GPUs, disk."""

import json
import math
import re
import shutil
from functools import cache
from pathlib import Path

from fairprune.config import Configuration
from fairprune.fairness.declare import ATTRIBUTIONS
from fairprune.models.weights import weight_files
from fairprune.workflow import plan

BASE_MB = 3000  # Python, PyTorch and the other libraries
BASE_MINUTES = 10


def parameters(config: Configuration, model: str) -> float:
    """Parameters of a model: from its card, its local files, or the configuration.

    A model that says nothing is taken for one of eight billion.
    """
    asked = config.models[model]
    try:
        card = json.loads(Path(f"data/models/{model}/card.json").read_text(encoding="utf-8"))
        return float(card["figures"]["parameters"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    if asked.path is not None:
        return _stored_bytes(asked.path) / 2
    if asked.parameters is not None:
        return asked.parameters * 1e9
    named = re.search(r"(\d+(?:\.\d+)?)[bB]\b", asked.id or "")
    return float(named[1]) * 1e9 if named else 8e9


def memory_mb(config: Configuration, model: str, bytes_each: float) -> int:
    """Megabytes of memory for a job: `bytes_each` a parameter, and the libraries."""
    return BASE_MB + math.ceil(parameters(config, model) * bytes_each / 1e6)


def runtime_minutes(config: Configuration, model: str, factor: float) -> int:
    """Minutes for a job: some for its start, and `factor` for each billion parameters."""
    return BASE_MINUTES + math.ceil(factor * parameters(config, model) / 1e9)


def judged_by_model(config: Configuration) -> bool:
    """Whether fairness is judged with the help of a model, which wants a GPU."""
    return any("model" in ATTRIBUTIONS.get(a).needs for a in config.fairness.attributions)


def disk_bytes(config: Configuration) -> dict[str, float]:
    """Bytes that a whole run will store, by stage, computed from the models' sizes."""
    found = dict.fromkeys(("models", "gradients", "masks", "rewritten weights"), 0.0)
    variants = plan.variants(config)
    for model in {v.model for v in variants}:
        found["models"] += 2 * parameters(config, model)
    gradients = set()
    for v in (v for v in variants if v.method != "dense"):
        method = plan.method(config, v.method, v.sparsity)
        count = parameters(config, v.model)
        found["masks"] += count / 8
        found["rewritten weights"] += 2 * count * method.rewrites_weights
        if config.keep.gradients:
            norms = method.gradient_norms
            gradients |= {(v.model, v.calibration, method.gradient_loss, n) for n in norms}
    found["gradients"] = sum(4 * parameters(config, model) for model, *_ in gradients)
    return found


def disk_line(config: Configuration) -> str:
    """One line: the disk that a run will need, and what there is."""
    parts = {stage: size for stage, size in disk_bytes(config).items() if size >= 5e6}
    detail = ", ".join(f"{stage} {size / 1e9:.2f}" for stage, size in parts.items())
    free = shutil.disk_usage(".").free / 1e9
    return f"disk (GB) for the whole run: {sum(parts.values()) / 1e9:.2f} of {free:.0f} free" + (
        f" ({detail})" if detail else ""
    )


@cache
def _stored_bytes(folder: str) -> int:
    if not Path(folder).is_dir():
        return 0
    return sum(file.stat().st_size for file in weight_files(Path(folder)))
