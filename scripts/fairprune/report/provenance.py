"""Where a run came from: versions, hashes, times, memory, commit, and how to cite it."""

import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

from fairprune import __version__
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card, verified
from fairprune.io.fingerprint import STAGES
from fairprune.io.hashing import sha256_file
from fairprune.io.project import PROJECT

CONFIGURATION = "config.yaml"
ENVIRONMENTS = PROJECT / "envs"


def read_cards(folder: Path) -> list[dict[str, Any]]:
    """Every card below a results folder, verified, in the order of their paths."""
    paths = (path for stage in STAGES for path in (folder / stage).rglob("*card.json"))
    return [read_card(path, files=False) for path in sorted(paths)]


def provenance(folder: Path) -> dict[str, Any]:
    """What the page's last section says.

    Returns:
        `facts`: (name, value) pairs; `steps`: time and memory by stage; `hashes`: (input, SHA-256);
        `configuration`: the merged configuration as text, or None; `citation`: BibTeX.
    """
    cards = read_cards(folder)
    file = folder / CONFIGURATION
    configuration = _text(file) if file.is_file() else None
    digest = sha256_file(file) if configuration else None
    made = max((card.get("created", "") for card in cards), default="")
    facts = [
        ("Last result", made.replace("T", " ").replace("Z", " UTC") or "unknown"),
        ("Commit", commit() or "unknown (not run from a checkout)"),
        ("Versions", "; ".join(_versions(cards)) or f"fairprune {__version__}"),
        ("Environments (SHA-256)", "; ".join(_environments()) or "unknown"),
        ("Seeds", ", ".join(map(str, sorted({c["seed"] for c in cards if _seeded(c)}))) or "none"),
        ("Results", f"{len(cards)} with a card, {_hours(sum(c['seconds'] for c in cards))}"),
    ]
    if digest:
        facts.append(("Configuration", f"SHA-256 {digest}"))
    return {
        "facts": facts,
        "steps": _steps(cards),
        "hashes": _hashes(cards),
        "configuration": configuration,
        "citation": _citation(made[:4], digest),
    }


def _text(file: Path) -> str:
    try:
        return verified(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FairpruneError(f"{file} is not text: start the workflow, which writes it") from None


def commit() -> str | None:
    """The commit of the checkout that this package lies in, `+` where it has been changed."""
    git = ("git", "-C", str(Path(__file__).parent))
    try:
        head, changed = (
            subprocess.run((*git, *command), capture_output=True, text=True, check=True).stdout
            for command in (("rev-parse", "HEAD"), ("status", "--porcelain", "-uno"))
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.strip() + (" + changes" if changed.strip() else "")


def _versions(cards: list[dict[str, Any]]) -> list[str]:
    found: dict[str, set[str]] = defaultdict(set)
    for card in cards:
        for package, version in card.get("versions", {}).items():
            found[package].add(version)
    return [f"{package} {', '.join(sorted(versions))}" for package, versions in found.items()]


def _environments() -> list[str]:
    """The files that pin every package, and their digests."""
    files = [*ENVIRONMENTS.glob("*.yaml"), *ENVIRONMENTS.glob("*.pin.txt")]
    files += ENVIRONMENTS.glob("requirements.lock")
    return [f"{file.name} {sha256_file(file)}" for file in sorted(files)]


def _steps(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    stages: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for card in cards:
        stages[card["stage"]].append(card)
    return [
        {
            "stage": stage.replace("_", " "),
            "jobs": len(found),
            "seconds": sum(card["seconds"] for card in found),
            "longest": max(card["seconds"] for card in found),
            "memory": round(max(card["peak_memory_bytes"] for card in found) / 2**20),
        }
        for stage, found in sorted(stages.items())
    ]


def _hashes(cards: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Models, data and texts: what the run was made from, each once."""
    found = {
        (name, digest)
        for card in cards
        for name, digest in card.get("inputs", {}).items()
        if name == "model" or name.startswith(("input", "corpus", "texts"))
    }
    return sorted(found)


def _seeded(card: dict[str, Any]) -> bool:
    return card.get("seed") is not None


def _hours(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s of computing"
    return f"{seconds / 60:.0f} min of computing" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _citation(year: str, digest: str | None) -> str:
    lines = ["@misc{fairprune-run,", "  title = {What pruning does to the fairness of summaries},"]
    note = [f"fairprune {__version__}"]
    if known := commit():
        note.append(f"commit {known}")
    if digest:
        note.append(f"configuration SHA-256 {digest}")
    if year:
        lines.append(f"  year = {{{year}}},")
    return "\n".join([*lines, f"  note = {{{'; '.join(note)}}},", "}"])
