"""Which files of a folder are the model: the one answer that everything goes by.

Free of torch, so that the download and the workflow go by it, too.
"""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from fairprune.errors import FairpruneError

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")
PICKLED = re.compile(r".+\.(bin|pt|pth|ckpt|pkl)")


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that are the model in a folder, sorted.

    Raises:
        FairpruneError: see `weight_names`; or a shard that is not there.
    """
    folder = Path(folder)
    names = [path.name for path in folder.iterdir() if path.is_file()]
    files = [folder / name for name in weight_names(names, str(folder), folder.joinpath)]
    for file in files:
        if not file.is_file():
            raise FairpruneError(
                f"{file} is missing though the index names it: copy the model's folder again"
            )
    return files


def weight_names(names: Iterable[str], where: str, read: Callable[[str], Path]) -> list[str]:
    """The files of a model among the names of all that its folder holds, sorted.

    They are those that its index names, or `model.safetensors`, or the only `*.safetensors`.

    Args:
        names: what there is.
        where: what holds it, for errors.
        read: gives the path at which the file of a name can be read.

    Raises:
        FairpruneError: no safetensors; an index that cannot be read, or that names a file outside
            of the folder; or more than one answer.
    """
    tops = sorted(name for name in names if "/" not in name and "\\" not in name)
    found = [name for name in tops if name.endswith(".safetensors")]
    named = _named_by(read(INDEX), where) if INDEX in tops else None
    if not found and named is None:
        raise _no_weights(tops, where)
    if named is not None:
        chosen, others = named, {SINGLE} & set(found) - set(named)
    elif SINGLE in found:
        chosen, others = [SINGLE], {name for name in found if SHARD.fullmatch(name)}
    else:
        chosen, others = found[:1], set(found[1:])
    if others:
        by = f" by {INDEX}" if named is not None else ""
        raise FairpruneError(
            f"{where} holds several weights, {chosen[0]}{by} and {min(others)}: which are the "
            "model? Leave those alone there"
        )
    return chosen


def weight_entry(files: Iterable[Path]) -> str:
    """The file that stands for a model's files: the only one, or their index."""
    names = [file.name for file in files]
    return names[0] if len(names) == 1 else INDEX


def _named_by(index: Path, where: str) -> list[str]:
    try:
        named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        outside = [name for name in named if Path(name).name != name or "\\" in name]
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        named, outside = set(), []
    if not named:
        raise FairpruneError(
            f"{where}: {INDEX} has no weight_map that can be read: copy the model's folder again"
        )
    if outside:
        raise FairpruneError(
            f"{where}: {INDEX} names {outside[0]!r}, a file outside of the folder, which is not "
            "followed: put the weights beside their index"
        )
    return sorted(named)


def _no_weights(names: list[str], where: str) -> FairpruneError:
    pickled = [name for name in names if PICKLED.fullmatch(name)]
    if not pickled:
        return FairpruneError(f"{where} has no *.safetensors: it holds no weights")
    return FairpruneError(
        f"{where} has pickled weights only ({pickled[0]}), which are never read here because a "
        "pickle can run code. Where you trust them, convert them with transformers: "
        'AutoModelForCausalLM.from_pretrained(ID).save_pretrained("FOLDER") (and the tokenizer '
        "likewise), and take FOLDER"
    )
