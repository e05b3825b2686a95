"""What a job asks of a machine, before anything is downloaded: memory, time, GPUs."""

import json
import math
import re
from functools import cache
from pathlib import Path

from fairprune.config import Configuration
from fairprune.fairness.declare import ATTRIBUTIONS
from fairprune.models.weights import weight_files
from fairprune.workflow import fetched

BASE_MB = 3000  # Python, PyTorch and the other libraries
BASE_MINUTES = 10


def parameters(config: Configuration, model: str) -> float:
    """Parameters of a model: from its card, its local files, or the configuration.

    A model that says nothing is taken for one of eight billion.
    """
    asked = config.models[model]
    try:
        card = json.loads(Path(fetched.model_card(config, model)).read_text(encoding="utf-8"))
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


@cache
def _stored_bytes(folder: str) -> int:
    if not Path(folder).is_dir():
        return 0
    return sum(file.stat().st_size for file in weight_files(Path(folder)))
