"""A module of docs/ that makes a page, which lies outside every package."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).parents[2] / "docs"


def page_module(name: str) -> ModuleType:
    """The module of that name."""
    sys.path.insert(0, str(DOCS))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(DOCS))
