"""What a model on this machine is made of, by its path alone."""

from pathlib import Path

from fairprune.models.gguf_files import GGUF, only_gguf
from fairprune.models.weights import weight_files


def local_model(place: Path, file: str | None = None) -> list[str]:
    """The files of which a change is a change of the model.

    Args:
        place: its folder, or a GGUF file; one that is not there counts as a folder.
        file: the GGUF file, where there are several.

    Raises:
        FairpruneError: see `weights.weight_files` and `gguf.only_gguf`.
    """
    if place.name.endswith(GGUF) and not place.is_dir():
        return [str(place)]
    names = [path.name for path in place.iterdir()] if place.is_dir() else []
    if gguf := only_gguf(names, str(place), file):
        return [str(place / gguf)]
    weights = weight_files(place) if names else []
    return [f"{place}/config.json", *map(str, weights)]
