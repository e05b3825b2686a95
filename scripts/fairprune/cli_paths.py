"""Which options of a command line name what a step writes, and which what it reads."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from typer.models import OptionInfo

from fairprune.errors import FairpruneError
from fairprune.io.ownership import ELSE, Target

# Options of texts of which the whole, or what follows a `=`, may be a file or folder.
READING = ("model_id", "corpora", "data", "option", "bertscore")


@dataclass(frozen=True)
class Writes:
    """In an option's annotation: it names what is written.

    `targets` gives that, from the option's value and all options by name.
    """

    targets: Callable[[Path, Mapping[str, Any]], list[Target]]


FILE = Writes(lambda path, _: [Target(path, (path,))])
FILE_AND_TABLE = Writes(lambda path, _: [Target(path, (path, path.with_suffix(".parquet")))])
FILE_AND_KEY = Writes(lambda path, options: [Target(path, (path, options["key"]))])
FILE_AND_ITEMS = Writes(
    lambda path, options: (FILE_AND_TABLE if options["tasks"] else FILE).targets(path, options)
)
TEXT = Writes(lambda path, _: [Target(path, (path,), carded=False)])
FOLDER = Writes(lambda path, _: [Target(path)])
FOLDER_OF_LINKS = Writes(lambda path, _: [Target(path, links=True)])
NOTHING_MORE = Writes(lambda path, _: [])  # named by what another option writes


def places(
    known: Mapping[str, inspect.Parameter], options: Mapping[str, Any]
) -> tuple[list[Target], dict[str, Path]]:
    """What a step writes, and what it reads: option and value → path.

    Options of paths name what is read, unless their annotation says otherwise.

    Raises:
        FairpruneError: what is written has no name.
    """
    targets, inputs = [], {}
    for name, parameter in known.items():
        _, *found = get_args(parameter.annotation)
        writes = next((extra for extra in found if isinstance(extra, Writes)), None)
        values = options[name] if isinstance(options[name], list) else [options[name]]
        for value in filter(None, values):
            if writes and not Path(value).name:
                raise FairpruneError(f"{value} is no name of a file or folder: {ELSE}")
            if writes:
                targets += writes.targets(value, options)
                continue
            texts = {value, value.partition("=")[2]} if name in READING else {value}
            for text in texts if name in READING or isinstance(value, Path) else ():
                if text:
                    inputs[f"{flag(name, parameter)} {text}"] = Path(text)
    return targets, inputs


def refuse_empty(known: Mapping[str, inspect.Parameter], options: Mapping[str, Any]) -> None:
    """Refuse an option that is given, but empty: it would be as if it was not given.

    Raises:
        FairpruneError: it names the option.
    """
    for name, parameter in known.items():
        values = options[name] if isinstance(options[name], list) else [options[name]]
        if parameter.default != "" and "" in values:
            raise FairpruneError(f"{flag(name, parameter)} is empty: give a value, or leave it out")


def flag(name: str, parameter: inspect.Parameter) -> str:
    """An option as a command line writes it."""
    option = next(x for x in get_args(parameter.annotation) if isinstance(x, OptionInfo))
    named = (option.default, *(option.param_decls or ()))  # Typer takes the first for a default
    return next(
        (text for text in map(str, named) if text.startswith("--")), f"--{name.replace('_', '-')}"
    )
