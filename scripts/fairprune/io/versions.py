"""Versions of what decides results."""

import importlib.metadata
import os
import platform
from contextlib import suppress
from functools import cache
from pathlib import Path

from fairprune import __version__

PACKAGES = (
    *("torch", "transformers", "tokenizers", "accelerate", "safetensors", "lm-eval"),
    *("numpy", "scipy", "scikit-learn", "pandas", "pyarrow", "rouge-score"),
)


def versions() -> dict[str, str]:
    """Versions of Python, of this project and of the packages that decide results.

    In a conda environment that Snakemake made, its hash, too, as `environment`.
    """
    found = {"python": platform.python_version(), "fairprune": __version__}
    made = Path(os.environ.get("CONDA_PREFIX", ""))
    if made.parent.name == "conda" and made.parents[1].name == ".snakemake":
        found["environment"] = made.name.rstrip("_")
    return found | _installed()


@cache
def _installed() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found
