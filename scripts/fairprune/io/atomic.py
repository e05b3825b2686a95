"""Writes that are whole or not there at all."""

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairprune.errors import FairpruneError

# What a disk says that takes no more.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.partial-{os.getpid()}")


def _readable(path: Path) -> None:
    """Give a file the usual rights: some libraries write files that only their owner reads."""
    umask = os.umask(0)
    os.umask(umask)
    path.chmod(0o666 & ~umask)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what a disk says while `path` is written into one line that says what to do."""
    try:
        yield
    except FairpruneError:
        raise
    except Exception as error:
        if (reason := unwritable(error)) is None:
            raise
        raise FairpruneError(
            f"cannot write {path}: {reason}; free space or choose another --output"
        ) from error


def unwritable(error: BaseException) -> str | None:
    """Why the disk refused, where that is what an error says; libraries wrap the system's own."""
    if isinstance(error, OSError) and error.strerror is not None:
        return error.strerror
    wrapped = re.search(r"[^:]+(?=\(os error \d+\))", str(error))
    return wrapped[0].strip() if wrapped else None


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; move it to `path` when the block ends well.

    On any error the temporary file is removed and `path` stays as it was.

    Raises:
        FairpruneError: the disk is full, or the folder cannot be written.
    """
    path = Path(path)
    partial = _partial(path)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            _readable(partial)
            _sync(partial)
            os.replace(partial, path)
            _sync(path.parent)
        finally:
            partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_file(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes atomically."""
    with atomic_file(path) as partial:
        partial.write_bytes(data)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder beside `path`; it replaces `path` when the block ends well.

    On any error the temporary folder is removed and `path` stays as it was.

    Raises:
        FairpruneError: the disk is full, or the folder cannot be written.
    """
    path = Path(path)
    partial = _partial(path)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            yield partial
            for file in partial.rglob("*"):
                if file.is_file() and not file.is_symlink():
                    _readable(file)
                    _sync(file)
            if path.exists():
                shutil.rmtree(path)
            os.replace(partial, path)
            _sync(path.parent)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
