"""Models from the Hugging Face hub, pinned to a commit, or linked from a local folder.

The target folder appears only when every file is there and is what its name says.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_folder
from fairprune.io.cards import read_card, write_card
from fairprune.models.hub import hub_files
from fairprune.models.licences import in_readme
from fairprune.models.weights import weight_names

WANTED = re.compile(r"[^/]+\.(json|model|jinja|tiktoken)|(merges|vocab)\.txt|chat_template\.[^/]+")
LONGEST_HEADER = 100_000_000  # bytes, as the library that reads them has it


def download_model(model_id: str, revision: str, output: Path) -> Path:
    """Put a model's weights, configuration and tokenizer into a folder, with a card.

    Args:
        model_id: an id on the hub, or a local folder, whose files are linked.
        revision: commit, branch or tag; the card records the commit. Of no meaning for a folder.
        output: the folder; it is replaced as a whole.

    Returns:
        The card.

    Raises:
        FairpruneError: anything that keeps the model from being there, whole, in one line.
    """
    if Path(model_id).is_dir():
        parameters = _parameters(model_id, None, None, in_readme(Path(model_id) / "README.md"))
        return _assemble(output, _local_files(Path(model_id), output), parameters)
    if model_id.startswith((".", "/", "~")):
        raise FairpruneError(f"{model_id} is no folder: give an existing one, or an id of the hub")
    commit, files, licence = hub_files(model_id, revision, choose_files, check_content)
    return _assemble(output, files, _parameters(model_id, revision, commit, licence))


def choose_files(names: Iterable[str], where: str, read: Callable[[str], Path] = Path) -> list[str]:
    """The files to take from a model: its weights, JSON, tokenizer; never a pickle.

    Raises:
        FairpruneError: see `weights.weight_names`; or a file that the index names is not there.
    """
    names = sorted(names)
    weights = weight_names(names, where, read)
    if missing := sorted(set(weights) - set(names)):
        raise FairpruneError(f"{where} has no {missing[0]}: it is no whole model")
    return [n for n in names if WANTED.fullmatch(n) and n != "card.json"] + weights


def read_header(file: Path) -> dict[str, dict]:
    """Tensor name → `dtype`, `shape`, `data_offsets`, of a safetensors file that is whole.

    Read here by its few bytes, since the environment that downloads has no torch.

    Raises:
        ValueError: not a safetensors file, or one that ends early.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if not 2 <= length <= min(size - 8, LONGEST_HEADER):
            raise ValueError("no safetensors header")
        tensors = json.loads(stream.read(length))
    tensors.pop("__metadata__", None)
    end = max((entry["data_offsets"][1] for entry in tensors.values()), default=0)
    if size != 8 + length + end:
        raise ValueError(f"{size} bytes, its header says {8 + length + end}")
    return tensors


def count_parameters(files: Iterable[Path]) -> int:
    """The number of weights stored in safetensors files, from their headers."""
    return sum(math.prod(t["shape"]) for file in files for t in read_header(file).values())


def check_content(file: Path, name: str) -> None:
    """Refuse a file that is not what its name says (an error page, half a file).

    Raises:
        FairpruneError: it names the file.
    """
    try:
        if name.endswith(".json"):
            json.loads(file.read_text(encoding="utf-8"))
        elif name.endswith(".safetensors"):
            read_header(file)
        elif not name.endswith(".jinja"):
            with file.open("rb") as stream:
                if stream.read(64).lstrip().lower().startswith((b"<!doctype html", b"<html")):
                    raise ValueError("an HTML page")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FairpruneError(
            f"{name} is not what its name says ({str(error)[:80]}): the source is broken, or "
            "something between here and there answers in its place"
        ) from None


def _parameters(
    model_id: str, revision: str | None, commit: str | None, licence: dict[str, str]
) -> dict[str, Any]:
    known = {"licence": licence} if licence else {}
    return {"model_id": model_id, "revision": revision, "commit": commit} | known


def _assemble(output: Path, files: dict[str, Path], parameters: dict[str, Any]) -> Path:
    """The folder of these files (name → where they lie), checked, with its card."""
    model_id, commit = parameters["model_id"], parameters["commit"]
    with atomic_folder(output, "download_model", links=True) as folder:
        for name, source in files.items():
            if commit is None:
                (folder / name).symlink_to(source)
            else:
                _link_or_copy(source.resolve(), folder / name)
            check_content(folder / name, name)
        if "config.json" not in files:
            raise FairpruneError(f"{model_id} has no config.json: it is no whole model")
        made = [folder / name for name in files]
        weights = [file for file in made if file.suffix == ".safetensors"]
        figures = {"parameters": count_parameters(weights)}
        write_card(
            folder, stage="download_model", files=made, parameters=parameters, figures=figures
        )
        for name, entry in read_card(folder)["files"].items():
            etag = files[name].resolve().name  # the hub's own hash, where the cache names it so
            if re.fullmatch(r"[0-9a-f]{64}", etag) and etag != entry["sha256"]:
                raise FairpruneError(
                    f"{model_id}: {name} is not what the hub says: delete {files[name].resolve()} "
                    "from the cache and run again"
                )
    return output / "card.json"


def _local_files(source: Path, output: Path) -> dict[str, Path]:
    """{name: link target} of a local folder's files, relative to the target folder."""
    if source.resolve() == output.resolve():
        raise FairpruneError(f"{source} is the model itself: give another --output")
    present = (path.name for path in source.iterdir() if path.is_file())
    names = choose_files(present, str(source), source.joinpath)
    start = output.parent.resolve() / output.name
    return {n: Path(os.path.relpath(source.resolve() / n, start)) for n in names}


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)  # the same bytes for the cache and the folder
    except OSError:
        shutil.copyfile(source, target)
