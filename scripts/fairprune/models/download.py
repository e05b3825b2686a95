"""Models from the Hugging Face hub, pinned to a commit, or linked from a local folder.

The target folder appears only when every file is there and is what its name says.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_folder
from fairprune.io.cards import read_card, write_card
from fairprune.models.gguf_files import GGUF, only_gguf
from fairprune.models.headers import count_parameters, read_header
from fairprune.models.hub import hub_files
from fairprune.models.licences import in_readme
from fairprune.models.weights import weight_names

WANTED = re.compile(r"[^/]+\.(json|model|jinja|tiktoken)|(merges|vocab)\.txt|chat_template\.[^/]+")


def download_model(model_id: str, revision: str, output: Path, file: str | None = None) -> Path:
    """Put a model's weights, configuration and tokenizer into a folder, with a card.

    Args:
        model_id: an id on the hub, or a local folder or GGUF file, which is linked.
        revision: commit, branch or tag; the card records the commit. Of no meaning for a folder.
        output: the folder; it is replaced as a whole.
        file: the GGUF file that is the model, where there are several.

    Returns:
        The card.

    Raises:
        FairpruneError: anything that keeps the model from being there, whole, in one line.
    """
    if Path(model_id).is_dir() or (model_id.endswith(GGUF) and Path(model_id).is_file()):
        found = local_files(Path(model_id), output, file)
        parameters = _parameters(model_id, None, None, in_readme(Path(model_id) / "README.md"))
        return _assemble(output, found, parameters)
    if model_id.startswith((".", "/", "~")) or model_id.endswith(GGUF):
        raise FairpruneError(f"{model_id} is no folder: give an existing one, or an id of the hub")
    choose = partial(choose_files, file=file)
    commit, files, licence = hub_files(model_id, revision, choose, check_content)
    return _assemble(output, files, _parameters(model_id, revision, commit, licence))


def choose_files(
    names: Iterable[str],
    where: str,
    read: Callable[[str], Path] = Path,
    file: str | None = None,
) -> list[str]:
    """The files to take from a model: its weights, JSON, tokenizer, never a pickle; or a GGUF file.

    Raises:
        FairpruneError: see `weights.weight_names` and `gguf.only_gguf`; or a file that the index
            names is not there.
    """
    names = sorted(names)
    if gguf := only_gguf(names, where, file):
        return [gguf]
    weights = weight_names(names, where, read)
    if missing := sorted(set(weights) - set(names)):
        raise FairpruneError(f"{where} has no {missing[0]}: it is no whole model")
    return [n for n in names if WANTED.fullmatch(n) and n != "card.json"] + weights


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
        elif name.endswith(GGUF):
            with file.open("rb") as stream:
                if stream.read(4) != b"GGUF":
                    raise ValueError("no GGUF header")
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
        if not {"config.json"} & files.keys() and not any(name.endswith(GGUF) for name in files):
            raise FairpruneError(f"{model_id} has no config.json: it is no whole model")
        made = [folder / name for name in files]
        weights = [file for file in made if file.suffix == ".safetensors"]
        figures = {"parameters": count_parameters(weights)} if weights else {}
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


def local_files(source: Path, output: Path, file: str | None = None) -> dict[str, Path]:
    """{name: link target} of a local folder's files, or of a GGUF file, relative to `output`.

    Raises:
        FairpruneError: see `choose_files`; `output` is the model itself.
    """
    folder = source if source.is_dir() else source.parent
    if folder.resolve() == output.resolve():
        raise FairpruneError(f"{source} is the model itself: give another --output")
    present = (path.name for path in folder.iterdir() if path.is_file())
    asked = file if source.is_dir() else source.name
    names = choose_files(present, str(source), folder.joinpath, asked)
    start = output.parent.resolve() / output.name
    return {n: Path(os.path.relpath(folder.resolve() / n, start)) for n in names}


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)  # the same bytes for the cache and the folder
    except OSError:
        shutil.copyfile(source, target)
