"""The tensors of a model folder: which stands in which file."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from fairprune.errors import FairpruneError
from fairprune.models.weights import weight_files


def tensor_files(folder: Path) -> dict[str, Path]:
    """Every stored tensor of a model: name → the file that holds it.

    Only headers are read; a file that is shorter than its header says is found by that.

    Raises:
        FairpruneError: see `weight_files`; a file that is truncated or corrupt, or a tensor that
            stands in two files.
    """
    found: dict[str, Path] = {}
    for file in weight_files(folder):
        for name in _names(file):
            if name in found:
                raise FairpruneError(
                    f"{name} stands in both {found[name]} and {file}: copy the model's folder again"
                )
            found[name] = file
    return found


def _names(file: Path) -> list[str]:
    try:
        with safe_open(file, framework="pt") as tensors:
            return list(tensors.keys())
    except (SafetensorError, OSError) as error:
        raise FairpruneError(
            f"{file} is truncated or corrupt ({error}): copy the model's folder again"
        ) from None
