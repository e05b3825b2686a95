"""Cards: what a result is, what it was made from, and proof that it is still that.

A card is written last and atomically: `card.json` in a folder target, `FILE.card.json`
beside a file target. A result without its card is not a result.
"""

import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from fairprune.errors import FairpruneError
from fairprune.io.atomic import write_text
from fairprune.io.hashing import sha256_data, sha256_file
from fairprune.io.known import known_sha256
from fairprune.io.ownership import read_mapping
from fairprune.io.places import in_results, place_in_run, remedy_of
from fairprune.io.usage import peak_memory_bytes, seconds
from fairprune.io.versions import versions

FORMAT = 1


class Digested(Protocol):
    """An input whose card and digest are known already (`io.opened.Opened`)."""

    @property
    def card(self) -> Mapping[str, Any] | None: ...

    @property
    def digest(self) -> str: ...


def card_path(target: Path) -> Path:
    """Where the card of a target (a file or a folder) stands."""
    target = Path(target)
    return target / "card.json" if target.is_dir() else target.with_name(target.name + ".card.json")


def find_card(path: Path) -> Path | None:
    """The card that lists a file: its own, or that of a result which it is a part of."""
    path = Path(path)
    if path.name.endswith("card.json") and path.is_file():
        return path
    if (own := card_path(path)).is_file():
        return own
    for card in sorted(path.parent.glob("*card.json")):
        if path.name in (read_mapping(card) or {}).get("files", ()):
            return card
    return None


def write_card(
    target: Path,
    *,
    stage: str,
    files: Iterable[Path],
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Path | str | Digested | None] | None = None,
    seed: int | None = None,
    figures: Mapping[str, Any] | None = None,
    hashed: Mapping[Path, str] | None = None,
) -> Path:
    """Write the card of `target` and return its path.

    Args:
        target: the file or folder that the card describes; `files` lie in it or beside it.
        stage: the name of the entry that made it ("prune_model").
        files: the files that belong to the target.
        parameters: everything that decided the result, JSON-like.
        inputs: name → file or folder that it was made from, what was opened of it, or its digest;
            None is left out. Those given by hand are named under `without_card`.
        seed: the root seed, where chance played a part.
        figures: the stage's own figures (sparsity per layer, loss, …), JSON-like.
        hashed: SHA-256 of files whose bytes need not be read again.
    """
    path = card_path(target)
    given = {name: source for name, source in (inputs or {}).items() if source is not None}
    card = {
        "format": FORMAT,
        "stage": stage,
        "files": {
            os.path.relpath(file, path.parent): {
                "size": Path(file).stat().st_size,
                "sha256": (hashed or {}).get(file) or sha256_file(file),
            }
            for file in sorted(map(Path, files))
        },
        "parameters": dict(parameters),
        "seed": seed,
        "inputs": {name: _digest(source) for name, source in given.items()},
        "without_card": [name for name, source in given.items() if _has_no_card(source)],
        "figures": dict(figures or {}),
        "versions": versions(),
        "seconds": round(seconds(), 3),
        "peak_memory_bytes": peak_memory_bytes(),
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "target": place_in_run(path),
    }
    card = json.loads(json.dumps(card))  # as it will be read
    card["sha256"] = sha256_data(card)
    write_text(path, json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    return path


def read_card(target: Path, *, files: bool = True) -> dict[str, Any]:
    """The card of a target, after checking that it and its files are what was written.

    Sizes are compared always, hashes once per file and machine. A card without a checksum or a
    place of its own (of an earlier release) is believed in that.

    Args:
        target: a file or folder that has a card, or a part of a result that has one.
        files: False for who needs what the card says, and none of its files.

    Raises:
        FairpruneError: no card, an unreadable, changed or displaced one, or a file that has
            changed since; with the command that makes the target again.
    """
    path = find_card(target) or card_path(target)
    target = path.parent if path.name == "card.json" else target
    remedy = remedy_of(Path(target), path)
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        listed = [(name, known["size"], known["sha256"]) for name, known in card["files"].items()]
        if card["format"] != FORMAT:
            raise ValueError
        digest = sha256_data({k: v for k, v in card.items() if k != "sha256"})
    except FileNotFoundError:
        raise FairpruneError(f"{target} has no card ({path.name}): {remedy}") from None
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise FairpruneError(f"{path} is not a card that can be read: {remedy}") from None
    if card.get("sha256", digest) != digest:
        raise FairpruneError(f"{path} has changed since it was written: {remedy}")
    made, now = card.get("target"), place_in_run(path)
    if made and now and made != now:
        raise FairpruneError(f"{path} is the card of {made}, exchanged or moved here: {remedy}")
    for name, size, sha256 in listed if files else ():
        _verify(path.parent / name, size, sha256, remedy)
    return card


def verified(path: Path) -> Path:
    """The path of an input, after comparing it with its card.

    Raises:
        FairpruneError: it has changed, or stands among the results of a run and has no card. A
            file that is given by hand may have none.
    """
    card_of(path)
    return Path(path)


def card_of(path: Path, *, files: bool = True) -> dict[str, Any] | None:
    """The card of an input, verified; None for one that is given by hand and has none."""
    if find_card(path) or (Path(path).exists() and in_results(path)):
        return read_card(path, files=files)
    return None


def digest_of(path: Path, *, files: bool = True) -> str:
    """The digest of an input: of the card's file list where it has a card, else of its bytes."""
    return digest_by(Path(path), card_of(path, files=files))


def digest_by(path: Path, card: Mapping[str, Any] | None) -> str:
    """As `digest_of`, with the card of the input, verified, or None where it has none."""
    if card is not None:
        return sha256_data(card["files"])
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        return sha256_data({str(p.relative_to(path)): known_sha256(p) for p in files})
    if not path.is_file():
        raise FairpruneError(f"{path} does not exist: give an existing file or folder")
    return known_sha256(path)


def _digest(given: Path | str | Digested) -> str:
    if isinstance(given, str):
        return given
    return digest_of(given) if isinstance(given, Path) else given.digest


def _has_no_card(given: Path | str | Digested) -> bool:
    if isinstance(given, Path):
        return find_card(given) is None
    return not isinstance(given, str) and given.card is None


def _verify(file: Path, size: int, sha256: str, remedy: str) -> None:
    if not file.is_file():
        raise FairpruneError(f"{file} is missing though its card lists it: {remedy}")
    if file.stat().st_size != size:
        raise FairpruneError(
            f"{file} has {file.stat().st_size} bytes, its card says {size}: {remedy}"
        )
    if known_sha256(file) != sha256:
        raise FairpruneError(f"{file} has changed since its card was written: {remedy}")
