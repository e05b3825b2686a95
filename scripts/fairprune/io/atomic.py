"""Writes that are whole or not there at all."""

import glob
import os
import re
import shutil
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fairprune.io.disk import explained
from fairprune.io.ownership import Target, refuse_foreign


def _partial(path: Path) -> Path:
    """The temporary path of this process; what killed ones of this host have left is removed."""
    mine = f".{path.name}.partial-{socket.gethostname()}-"
    for left in path.parent.glob(f"{glob.escape(mine)}*"):
        writer = re.fullmatch(r"(\d+)(\.before)?", left.name.removeprefix(mine))
        if writer and not _runs(int(writer[1])):
            _remove(left)
    return path.with_name(f"{mine}{os.getpid()}")


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        pass
    return True


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


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
def atomic_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; move it to `path` when the block ends well.

    On any error the temporary file is removed and `path` stays as it was.

    Raises:
        FairpruneError: the disk is full, or the folder cannot be written.
    """
    path = Path(path)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = _partial(path)
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
def atomic_folder(path: Path, stage: str, *, links: bool = False) -> Iterator[Path]:
    """Give a temporary folder beside `path`; it replaces `path` when the block ends well.

    On any error the temporary folder is removed and `path` stays as it was.

    Args:
        path: the folder.
        stage: the step that makes it: what it has made before is replaced.
        links: whether a folder of links alone is replaced, too.

    Raises:
        FairpruneError: another folder than one of this step stands there; the disk is full, or
            the folder cannot be written.
    """
    path = Path(path)
    refuse_foreign(Target(path, links=links), stage)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = _partial(path)
        before = partial.with_name(f"{partial.name}.before")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            yield partial
            for file in partial.rglob("*"):
                if file.is_file() and not file.is_symlink():
                    _readable(file)
                    _sync(file)
            if path.exists():
                os.replace(path, before)
            os.replace(partial, path)
            _sync(path.parent)
        finally:
            if before.exists() and not path.exists():
                os.replace(before, path)
            for folder in (partial, before):
                shutil.rmtree(folder, ignore_errors=True)


def shown(lines: Iterable[str], output: Path | None) -> Path | None:
    """Lines written to a file, which is given back; or printed, where none is named."""
    text = "".join(f"{line}\n" for line in lines)
    if output is None:
        print(text, end="")
        return None
    write_text(output, text)
    return output
