"""Digests of files and of plain data."""

import hashlib
import json
from pathlib import Path
from typing import Any


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal, read in pieces."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_data(data: Any) -> str:
    """SHA-256 of JSON-like data in its canonical form, hexadecimal."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def derive_seed(root: int, *names: str | int) -> int:
    """A 32-bit seed for one purpose, from the root seed and the purpose's names.

    Two purposes never share a stream of random numbers, and a job's numbers do not
    depend on which other jobs run.
    """
    return int(sha256_data([root, *names])[:8], 16)
