"""The safetensors files of a model folder: which tensor stands where."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from fairprune.errors import FairpruneError
from fairprune.io.tables import read_json

AGAIN = "copy the model's folder again"


def tensor_files(folder: Path) -> dict[str, Path]:
    """Every stored tensor of a model: name → the file that holds it.

    Only headers are read; a file that is shorter than its header says is found by that.

    Raises:
        FairpruneError: no safetensors files (pickled ones are never read), a file or an index
            that is missing, truncated or corrupt.
    """
    folder = Path(folder)
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        try:
            names = {Path(name).name for name in read_json(index)["weight_map"].values()}
            files = sorted(folder / name for name in names)
        except (KeyError, TypeError, AttributeError):
            raise FairpruneError(f"{index} has no weight_map: {AGAIN}") from None
    else:
        files = sorted(folder.glob("model*.safetensors")) or sorted(folder.glob("*.safetensors"))
    if not files:
        raise _no_files(folder)
    found: dict[str, Path] = {}
    for file in files:
        found.update(dict.fromkeys(_names(file), file))
    return found


def _names(file: Path) -> list[str]:
    if not file.is_file():
        raise FairpruneError(f"{file} is missing though the index names it: {AGAIN}")
    try:
        with safe_open(file, framework="pt") as tensors:
            return list(tensors.keys())
    except (SafetensorError, OSError) as error:
        raise FairpruneError(f"{file} is truncated or corrupt ({error}): {AGAIN}") from None


def _no_files(folder: Path) -> FairpruneError:
    pickled = sorted([*folder.glob("*.bin"), *folder.glob("*.pt"), *folder.glob("*.pth")])
    if not pickled:
        return FairpruneError(f"{folder} has no *.safetensors: it holds no weights")
    return FairpruneError(
        f"{folder} has pickled weights only ({pickled[0].name}), which are never read here "
        "because a pickle can run code. Where you trust them, convert them: python -c "
        '"from transformers import AutoModelForCausalLM as M; '
        f"M.from_pretrained('{folder}').save_pretrained('{folder}')\""
    )
