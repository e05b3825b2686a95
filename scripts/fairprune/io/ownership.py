"""What a step may write over: its own results, and nothing else.

A result is known by its card. While a step writes files, `.NAME.writing` beside them says so, so
that one that was killed can go on; folders are replaced whole, card included.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.io.disk import explained
from fairprune.io.places import in_results

CARD = "card.json"
WHOLE = ("config.json", CARD)  # a folder with one of them is one thing: nothing goes into it
ELSE = "give another --output"


@dataclass(frozen=True)
class Target:
    """What a step makes under one card.

    Attributes:
        path: what the card is of.
        files: the files that are written; empty: the folder `path`, replaced as a whole.
        carded: False for a file that gets no card.
        links: whether a folder that holds links alone may be replaced.
    """

    path: Path
    files: tuple[Path, ...] = ()
    carded: bool = True
    links: bool = False

    @property
    def card(self) -> Path:
        """Where the card stands: in a folder, or beside a file."""
        inside = not self.files or any(self.path in file.parents for file in self.files)
        return self.path / CARD if inside else self.path.with_name(f"{self.path.name}.{CARD}")

    @property
    def marker(self) -> Path:
        """What stands there while the files are written."""
        return self.path.with_name(f".{self.path.name}.writing")


@contextmanager
def writing(stage: str, targets: Iterable[Target], inputs: Mapping[str, Path]) -> Iterator[None]:
    """While open, the step `stage` writes `targets`.

    Args:
        stage: the step's name, as its cards say it.
        targets: what it makes.
        inputs: what it reads, by the option that names it ("--task reviews.parquet").

    Raises:
        FairpruneError: a target is, holds or lies in an input, or stands in the place of
            something that this step has not made. Nothing has been written then.
    """
    targets = list(targets)
    for option, given in inputs.items():
        if given.exists() and not (given.is_file() or given.is_dir()):
            raise FairpruneError(f"{option} is not an ordinary file: give one")
    for target in targets:
        for option, given in inputs.items():
            _refuse_input(target, option, given)
        refuse_foreign(target, stage)
    first = os.environ.get("RANK", "0") == "0"  # of several processes of one job
    marked = [target for target in targets if target.files and target.carded and first]
    folders: list[Path] = []
    try:
        for target in marked:
            _mark(target, stage, folders)
        yield
    finally:
        for target in marked:
            with suppress(OSError):  # nothing can stand where no folder can be
                if foreign(target, stage, marked=False) is None:
                    target.marker.unlink(missing_ok=True)
        for folder in reversed(folders):
            with suppress(OSError):  # something has come into it
                folder.rmdir()


def refuse_foreign(target: Target, stage: str) -> None:
    """Refuse a target in whose place something stands that `stage` has not made.

    Raises:
        FairpruneError: it says what stands there.
    """
    if (what := foreign(target, stage)) is not None:
        raise FairpruneError(f"{what}, and would be replaced: move it away, or {ELSE}")


def foreign(target: Target, stage: str, marked: bool = True) -> str | None:
    """What stands in a target's place and was not made by `stage`; None: nothing does."""
    if not target.files:
        return _foreign_folder(target.path, stage, target.links)
    found = [file for file in target.files if os.path.lexists(file)]
    for file in found:
        if file.is_dir():
            return f"{file} is a folder"
    found = [file for file in found if file.is_symlink() or file.stat().st_size]
    if not found or (marked and target.marker.exists()) or in_results(target.card):
        return None
    if not (target.carded and target.card.is_file()):
        return f"{found[0]} exists, has no card of an earlier result"
    card = read_mapping(target.card)
    if card is None:  # a damaged card is still the card of the file that it is named by
        return None
    if card.get("stage") != stage:
        return f"{found[0]} is a result of {card.get('stage')}"
    for file in found:
        if os.path.relpath(file, target.card.parent) not in card.get("files", ()):
            return f"{file} exists, is no part of the earlier result {target.path}"
    return None


def _foreign_folder(folder: Path, stage: str, links: bool) -> str | None:
    if folder.is_symlink():
        return f"{folder} is a link to {folder.readlink()}"
    if not folder.is_dir():
        return f"{folder} is a file" if folder.exists() and folder.stat().st_size else None
    names = {path.name: path for path in folder.iterdir()}
    left = [path for path in names.values() if not (links and path.is_symlink())]
    if not left or in_results(folder / CARD):
        return None
    card = read_mapping(folder / CARD)
    if card is None or "stage" not in card:
        return f"{folder} is not empty, has no card of an earlier result"
    if card["stage"] != stage:
        return f"{folder} is a result of {card['stage']}"
    known = {name.partition("/")[0] for name in card.get("files", ())} | {CARD}
    for name in sorted(names.keys() - known):
        if not name.startswith("."):
            return f"{folder} holds {name}, which is no part of the earlier result"
    return None


def _refuse_input(target: Target, option: str, given: Path) -> None:
    """See that a target is not an input, holds none, and lies in none that is one thing."""
    if not os.path.lexists(given):
        return
    if target.files:
        for file in (*target.files, target.card):
            if _same(file, given):
                raise FairpruneError(f"{file} would be written, and is read as {option}: {ELSE}")
    else:
        place = target.path.resolve()
        read = [given, *given.iterdir()] if given.is_dir() else [given]
        for path in {path.resolve() for path in read} | {given.absolute()}:
            if path == place or place in path.parents:
                what = "is" if path == place else "holds"
                raise FairpruneError(
                    f"{target.path} would be replaced, and {what} what is read as {option}: {ELSE}"
                )
    if any((given / name).is_file() for name in WHOLE):
        for path in target.files or (target.path,):
            if given.resolve() in path.resolve().parents:
                raise FairpruneError(f"{path} would stand inside of {option}: {ELSE}")


def _same(file: Path, given: Path) -> bool:
    return file.absolute() == given.absolute() or (file.exists() and file.samefile(given))


def _mark(target: Target, stage: str, made: list[Path]) -> None:
    """Write the marker; the folders that are made for it are added to `made`."""
    folder = target.marker.parent
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    made += reversed(missing)
    with explained(target.path):
        folder.mkdir(parents=True, exist_ok=True)
        target.marker.write_text(f"{stage}\n", encoding="utf-8")


def read_mapping(path: Path) -> dict[str, Any] | None:
    """What a JSON file holds, where that is an object that can be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
