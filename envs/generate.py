"""Write the conda environments and the lock file from packages.toml and what is installed.

    python envs/generate.py            write envs/*.yaml
    python envs/generate.py --lock     write envs/requirements.lock too
    python envs/generate.py --check    write nothing; exit 1 if a file would change
    python envs/generate.py --direct   print the direct pins, for pip

Every environment pins its direct packages and all that they need. The lock file gives the hashes
of every package's files, on all platforms; but not of torch, whose wheels differ by platform and
come from more than one index.

NAME.linux-64.pin.txt beside an environment is conda's explicit list of packages, and Snakemake
takes it in the environment's place. It names no packages of pip: so an environment with such a
list gets NAME.post-deploy.sh, too, which Snakemake runs in it and which installs them.
"""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from packaging.requirements import Requirement

HERE = Path(__file__).parent
HEADER = "# Written by envs/generate.py from packages.toml: edit that.\n"


def direct(packages: dict[str, Any]) -> list[str]:
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


def post_deploy(pins: list[str]) -> str:
    """A script that brings an environment of conda's explicit packages its packages of pip."""
    head = (
        "#!/bin/sh\n" + HEADER + "set -e\npython -m pip install --requirement /dev/stdin <<'PINS'\n"
    )
    return head + "\n".join(closure(pins)) + "\nPINS\n"


def lock_text(pins: list[str]) -> str:
    """The lock file: every pin with the hashes of its files, torch by version alone."""
    torch = [pin for pin in pins if pin.startswith("torch==")]
    done = subprocess.run(
        [Path(sys.executable).with_name("uv"), "pip", "compile", "-", "--quiet", "--no-deps",
         "--generate-hashes", "--no-header", "--no-annotate"],
        input="\n".join(pin for pin in pins if pin not in torch),
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return HEADER + "\n".join(torch) + "\n" + done.stdout


def locked(text: str) -> list[str]:
    """The pins of a lock file, without their hashes."""
    return sorted(re.findall(r"^[\w.-]+==[^ \n\\]+", text, re.M))


def environments(packages: dict[str, Any]) -> dict[Path, str]:
    """The environment files, the scripts that go with explicit lists, and their texts."""
    found = {}
    for name, groups in packages["environments"].items():
        pins = [pin for group in groups for pin in packages["groups"][group]]
        found[HERE / f"{name}.yaml"] = environment(packages["python"], pins)
        if (HERE / f"{name}.linux-64.pin.txt").is_file():
            found[HERE / f"{name}.post-deploy.sh"] = post_deploy(pins)
    return found


def main() -> None:
    """Write the files, or with --check only compare them."""
    packages = tomllib.loads((HERE / "packages.toml").read_text())
    lock = HERE / "requirements.lock"
    if "--direct" in sys.argv:
        print(*direct(packages), sep="\n")
        return
    wrong = "is not what packages.toml asks for; run make lock"
    for path, text in environments(packages).items():
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            sys.exit(f"error: {path.name} {wrong}")
    pins = closure(direct(packages))
    if "--lock" in sys.argv:
        lock.write_text(lock_text(pins))
    elif "--check" in sys.argv and locked(lock.read_text()) != sorted(pins):
        sys.exit(f"error: {lock.name} {wrong}")


if __name__ == "__main__":
    main()
