"""Which GGUF file of a folder is a model; free of torch and transformers, for the download, too."""

from collections.abc import Iterable

from fairprune.errors import FairpruneError

GGUF = ".gguf"


def only_gguf(names: Iterable[str], where: str, file: str | None = None) -> str | None:
    """The GGUF file that is the model among the names of all that its folder holds.

    Args:
        names: what there is.
        where: what holds it, for errors.
        file: the one that is asked for.

    Returns:
        None where none is asked for, and there are safetensors or no GGUF files.

    Raises:
        FairpruneError: the file that is asked for is not there; or there are several.
    """
    tops = sorted(name for name in names if "/" not in name and "\\" not in name)
    found = [name for name in tops if name.endswith(GGUF)]
    if file is not None and file not in found:
        raise FairpruneError(f"{where} has no {file}; its GGUF files: {', '.join(found) or 'none'}")
    if file is not None or not found or any(name.endswith(".safetensors") for name in tops):
        return file
    if len(found) > 1:
        raise FairpruneError(
            f"{where} holds several GGUF files, {found[0]} and {found[1]}: say which is the model "
            "(--file; of a local folder the path of the file)"
        )
    return found[0]
