"""From what a user wrote to a `Configuration`: every mistake is one line."""

import difflib
import json
import reprlib
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from fairprune.config import Configuration
from fairprune.errors import FairpruneError, unknown
from fairprune.io.atomic import write_text
from fairprune.io.cards import card_path, write_card
from fairprune.io.yaml_files import read_yaml
from fairprune.tokens import check_secrets

SHORT = reprlib.Repr()
SHORT.maxstring = SHORT.maxother = 200
SHORT.maxlevel = 2


def parse(raw: Mapping[str, Any], source: str = "configuration") -> Configuration:
    """The typed form of a configuration.

    Args:
        raw: what the YAML file holds.
        source: the file's name, for errors.

    Raises:
        FairpruneError: the first mistake, with its place, its value and what is expected.
    """
    check_secrets(raw, source)
    try:
        config = Configuration.model_validate(dict(raw))
    except ValidationError as error:
        # A misspelt key shows as a missing one too: name the misspelling.
        errors = sorted(error.errors(), key=lambda e: e["type"] != "extra_forbidden")
        raise _explain(errors[0], source) from None
    _check_references(config, source)
    return config


def read(path: Path) -> Configuration:
    """The configuration in a YAML file.

    Raises:
        FairpruneError: the file is missing, is not YAML, or holds a mistake.
    """
    return parse(load(path), str(path))


def load(path: Path) -> dict[str, Any]:
    """What a YAML file holds, unchecked.

    Raises:
        FairpruneError: see `read_yaml`; or it is no mapping of keys to values.
    """
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise FairpruneError(f"{path}: a mapping of keys to values is expected")
    return raw


def schema() -> str:
    """The JSON schema of a configuration file, as text."""
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    content |= Configuration.model_json_schema()
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def write(config: Configuration, path: Path) -> None:
    """Write a configuration with every default filled in, with its card; equal ones are kept."""
    text = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    if not (path.is_file() and card_path(path).is_file() and path.read_bytes() == text.encode()):
        write_text(path, text)
        write_card(path, stage="configuration", files=[path], parameters={})


def _explain(error: Any, source: str) -> FairpruneError:
    place = [str(part) for part in error["loc"] if part != "[key]"]
    where = f"{source}, {'.'.join(place) or 'top level'}"
    if error["type"] == "extra_forbidden":
        known = _keys(error["loc"][:-1])
        near = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return FairpruneError(f"{where}: unknown key; {hint}Known: {', '.join(sorted(known))}")
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        return FairpruneError(f"{where}: this key is needed and missing")
    value = SHORT.repr(error["input"])
    return FairpruneError(f"{where}: {message[0].lower()}{message[1:]}, not {value}")


def _keys(place: tuple[Any, ...]) -> list[str]:
    """The keys that are known at a place, found by following the models' types."""
    found: Any = Configuration
    for part in place:
        if isinstance(found, type) and issubclass(found, BaseModel):
            found = found.model_fields[part].annotation
        else:
            found = get_args(found)[-1]
        if get_origin(found) is Annotated:
            found = get_args(found)[0]
        if NoneType in get_args(found):
            found = get_args(found)[0]
    return list(found.model_fields)


def _check_references(config: Configuration, source: str) -> None:
    def known(kind: str, name: str, names: Any, where: str) -> None:
        if name not in names:
            raise unknown(kind, name, names, f" in {source}, {where}")

    for key, compressed in config.compressed.items():
        known("model", compressed.of, config.models, f"compressed.{key}.of")
        for kind in ("models", "methods"):
            if key in getattr(config, kind):
                raise FairpruneError(
                    f"{source}, compressed.{key}: {key!r} is one of {kind}, too; rename one"
                )
    prompts = {"tweets", "reviews", *config.prompts}
    for key, task in config.tasks.items():
        known("prompt", task.prompt, prompts, f"tasks.{key}.prompt")
        for label in (task.pair or ()) if task.groups else ():
            known("group", label, task.groups, f"tasks.{key}.pair")
        if overlap := set(task.groups or ()) & set(task.ignore):
            raise FairpruneError(
                f"{source}, tasks.{key}: {sorted(overlap)[0]!r} is both a group and ignored"
            )
    for text in config.calibration.texts:
        known("text", text, config.texts, "calibration.texts")
    if both := set(config.tasks) & set(config.texts):
        raise FairpruneError(
            f"{source}: {sorted(both)[0]!r} names both a task and a text; rename one"
        )
    for text in config.language.corpora:
        known("text", text, config.texts, "language.corpora")
    sources = config.tasks | config.texts
    sets = [f"{key}.{s}" for key, source in sources.items() for s in source.calibration]
    for number, grid in enumerate(config.grid):
        for model in grid.models or ():
            known("model", model, config.models, f"grid.{number}.models")
        for method in grid.methods or ():
            known("method", method, config.methods, f"grid.{number}.methods")
        for calibration in grid.calibrations or ():
            names = [*sets, *config.calibration.texts]
            known("calibration set", calibration, names, f"grid.{number}.calibrations")
