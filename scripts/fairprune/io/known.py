"""What is found out once per file and machine: SHA-256 of files, and that they are harmless."""

import contextlib
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from fairprune.errors import FairpruneError
from fairprune.io.atomic import write_text
from fairprune.io.hashing import sha256_data, sha256_file

T = TypeVar("T")
WORTH = 2**20  # bytes from which reading a file once more costs more than a note of its own
SETTLED = 2.0  # seconds after which a file's times tell every further change


def known_sha256(file: Path) -> str:
    """SHA-256 of a file, remembered for as long as inode, size and both times stay the same.

    A file that was touched within the last seconds is not remembered: it could change once more
    without its times telling so. Nor is a small one.
    """
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise FairpruneError(f"{file} is not an ordinary file")
    if status.st_size < WORTH:
        return sha256_file(file)
    key = sha256_data([str(file.resolve()), *_marks(status)])
    entry = _cache_folder("sha256") / key
    try:
        digest = entry.read_text()
        if len(digest) == 64:
            return digest
    except OSError:
        pass
    digest = sha256_file(file)
    if _settled(status):
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


class Notes:
    """What was found out about many small files: JSON-like values, all in one file of the cache.

    A note holds for as long as inode, size and both times of its file stay the same.
    """

    def __init__(self, about: Any) -> None:
        """Of one subject (JSON-like), with all that decides what is found out beside the files."""
        self._entry = _cache_folder("notes") / sha256_data(about)
        self._new = False
        try:
            self._known = dict(json.loads(self._entry.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self._known = {}

    def get(self, file: Path, find: Callable[[Path], T]) -> T:
        """What `find` gives for a file; a file touched within the last seconds is not noted."""
        status = file.stat()
        now = _marks(status)
        match self._known.get(str(file)):
            case [then, found] if then == now:
                return found
        found = find(file)
        if _settled(status):
            self._known[str(file)] = [now, found]
            self._new = True
        return found

    def save(self) -> None:
        """Write down what is new."""
        if self._new:
            self._new = False
            with contextlib.suppress(FairpruneError):
                write_text(self._entry, json.dumps(self._known))


def _marks(status: os.stat_result) -> list[int]:
    """What changes with a file."""
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _settled(status: os.stat_result) -> bool:
    """Whether a further change would show in the file's times."""
    return time.time() - status.st_ctime > SETTLED


def _cache_folder(kind: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "fairprune" / kind
