"""Under which licence a model is given, as far as its own card says it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

# What may be handed on, as it is: identifiers of licences, and where their text stands.
KNOWN = {
    "license": re.compile(r"[A-Za-z0-9][\w.+-]{0,79}"),
    "license_name": re.compile(r"[A-Za-z0-9][\w.+ -]{0,79}"),
    "license_link": re.compile(r"LICENSE(\.\w{2,3})?|https://[\w./#%~+-]{1,200}"),
}
BLOCK = re.compile(r"\s*---\r?\n(.*?)\r?\n---\s", re.S)


def stated(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Of a model card's metadata `license`, `license_name` and `license_link`, where usable."""
    texts = {key: metadata.get(key) for key in KNOWN}
    found = {k: v for k, v in texts.items() if isinstance(v, str) and KNOWN[k].fullmatch(v)}
    return found if "license" in found else {}


def in_readme(file: Path) -> dict[str, str]:
    """The same of a README.md; nothing where there is none, or none that can be read."""
    try:
        block = BLOCK.match(file.read_text(encoding="utf-8"))
        metadata = yaml.safe_load(block[1]) if block else None
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}
    return stated(metadata) if isinstance(metadata, dict) else {}
