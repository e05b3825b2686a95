"""What is found out once per file and machine: SHA-256 of files, and that they are harmless."""

import contextlib
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError
from fairprune.io.atomic import write_text
from fairprune.io.hashing import sha256_data, sha256_file

SETTLED = 2.0  # seconds after which a file's times tell every further change


def known_sha256(file: Path) -> str:
    """SHA-256 of a file, remembered for as long as inode, size and both times stay the same.

    A file that was touched within the last seconds is not remembered: it could change once more
    without its times telling so.
    """
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise FairpruneError(f"{file} is not an ordinary file")
    key = sha256_data(
        [str(file.resolve()), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    )
    entry = _cache_folder("sha256") / key
    try:
        digest = entry.read_text()
        if len(digest) == 64:
            return digest
    except OSError:
        pass
    digest = sha256_file(file)
    if time.time() - status.st_ctime > SETTLED:
        with contextlib.suppress(FairpruneError):  # an unwritable cache costs time, not results
            write_text(entry, digest)
    return digest


def once(about: Any, check: Callable[[], object]) -> None:
    """Run a check, unless it has gone well before with all that it is about (JSON-like)."""
    entry = _cache_folder("checked") / sha256_data(about)
    if not entry.is_file():
        check()
        with contextlib.suppress(FairpruneError):
            write_text(entry, "")


def _cache_folder(kind: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "fairprune" / kind
