"""Write the conda environments and the lock file from packages.toml and what is installed.

    python envs/generate.py            write envs/*.yaml
    python envs/generate.py --lock     write envs/requirements.lock too
    python envs/generate.py --check    write nothing; exit 1 if a file would change
    python envs/generate.py --direct   print the direct pins, for pip

Every environment pins its direct packages and all that they need, so one file says exactly what
a conda environment or `pip install -r envs/requirements.lock` brings.
"""

from __future__ import annotations

import importlib.metadata
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement

HERE = Path(__file__).parent
HEADER = "# Written by envs/generate.py from packages.toml: edit that.\n"


def direct(packages: dict) -> list[str]:
    """Every direct pin, of all groups."""
    return [pin for group in packages["groups"].values() for pin in group]


def closure(pins: list[str]) -> list[str]:
    """The pins and those of all installed packages that they need, sorted by name.

    Raises:
        SystemExit: a direct pin is not what is installed.
    """
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    todo = [Requirement(pin) for pin in pins]
    for wanted in todo:
        if not wanted.specifier.contains(_version(wanted.name), prereleases=True):
            sys.exit(f"error: {wanted} is pinned, {_version(wanted.name)} is installed")
    seen: set[tuple[str, str]] = set()
    while todo:
        wanted = todo.pop()
        for extra in ("", *sorted(wanted.extras)):
            key = (canonicalize_name(wanted.name), extra)
            if key not in seen:
                seen.add(key)
                todo += _needs(wanted.name, extra)
    return [f"{name}=={_version(name)}" for name in sorted({name for name, _ in seen})]


def _needs(name: str, extra: str) -> list[Requirement]:
    from packaging.requirements import Requirement

    found = [Requirement(text) for text in importlib.metadata.requires(name) or ()]
    chosen = [r for r in found if r.marker is None or r.marker.evaluate({"extra": extra})]
    return [r for r in chosen if _installed(r.name)]


def _installed(name: str) -> bool:
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


def _version(name: str) -> str:
    """The installed version without a build's own label (2.13.0+cpu is 2.13.0 elsewhere)."""
    try:
        return importlib.metadata.version(name).partition("+")[0]
    except importlib.metadata.PackageNotFoundError:
        sys.exit(f"error: {name} is pinned in packages.toml and not installed")


def environment(python: str, pins: list[str]) -> str:
    """A conda environment file: python and pip from conda-forge, the rest from PyPI."""
    head = f"channels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - python={python}\n"
    lines = "".join(f"      - {pin}\n" for pin in closure(pins))
    return f"{HEADER}{head}  - pip\n  - pip:\n{lines}"


def files(lock: bool) -> dict[Path, str]:
    """Every file to be written, and its text."""
    packages = tomllib.loads((HERE / "packages.toml").read_text())
    found = {
        HERE / f"{name}.yaml": environment(
            packages["python"], [pin for group in groups for pin in packages["groups"][group]]
        )
        for name, groups in packages["environments"].items()
    }
    if lock:
        found[HERE / "requirements.lock"] = HEADER + "\n".join(closure(direct(packages))) + "\n"
    return found


def main() -> None:
    """Write the files, or with --check only compare them."""
    if "--direct" in sys.argv:
        print(*direct(tomllib.loads((HERE / "packages.toml").read_text())), sep="\n")
        return
    check = "--check" in sys.argv
    for path, text in files("--lock" in sys.argv or check).items():
        if check and (not path.is_file() or path.read_text() != text):
            sys.exit(f"error: {path.name} is not what packages.toml asks for; run make lock")
        if not check:
            path.write_text(text)


if __name__ == "__main__":
    main()
