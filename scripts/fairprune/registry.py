"""Methods found by their files: one method, one file, no list to edit.

A method's file carries the method's name with underscores for dashes. Only the file that
is asked for is imported, so the workflow can read what a method needs in milliseconds;
method files therefore import torch and the like inside their functions.
"""

import importlib
import pkgutil
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from fairprune.errors import unknown

T = TypeVar("T")


class Registry(Generic[T]):
    """The methods of one kind: what a package's modules register under their names."""

    def __init__(self, kind: str, package: str) -> None:
        """A registry of `kind` ("score"), filled by the modules of `package`."""
        self.kind = kind
        self.package = package
        self._found: dict[str, T] = {}

    def register(self, name: str, entry: T) -> None:
        """Called by a method's file when it is imported."""
        self._found[name] = entry

    def names(self) -> list[str]:
        """Every name, sorted, without importing anything but the package itself."""
        return list(_names(self.package))

    def get(self, name: str, where: str = "") -> T:
        """The method called `name`.

        Raises:
            FairpruneError: no such method; the nearest one and the whole list are given.
        """
        if name not in self._found:
            if name not in self.names():
                raise unknown(self.kind, name, self.names(), where)
            importlib.import_module(self._module(name))
        return self._found[name]

    def file(self, name: str) -> Path:
        """The source file of a method, for code digests."""
        folder = Path(importlib.import_module(self.package).__path__[0])
        return folder / (name.replace("-", "_") + ".py")

    def _module(self, name: str) -> str:
        return f"{self.package}.{name.replace('-', '_')}"


@cache
def _names(package: str) -> tuple[str, ...]:
    paths = importlib.import_module(package).__path__
    modules = (m.name for m in pkgutil.iter_modules(paths) if not m.name.startswith("_"))
    return tuple(sorted(name.replace("_", "-") for name in modules))
