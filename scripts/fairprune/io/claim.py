"""One process at a time makes a result that is made in pieces."""

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def claimed(target: Path, wanted: bool = True) -> Iterator[None]:
    """Hold `target` for this process; wait for another one that makes the same.

    The claim ends with the process, however that ends. Where the file system knows no locks,
    nothing is held.

    Args:
        target: the file or folder that is made.
        wanted: False does nothing (all but the first of several processes of one job).
    """
    lock = Path(target).with_name(f".{Path(target).name}.lock")
    descriptor = _held(lock, Path(target)) if wanted else None
    try:
        yield
    finally:
        if descriptor is not None:
            lock.unlink(missing_ok=True)
            os.close(descriptor)


def _held(lock: Path, target: Path) -> int | None:
    while True:
        descriptor = None
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
            _wait(descriptor, target)
            if os.fstat(descriptor).st_ino == lock.stat().st_ino:
                return descriptor
        except FileNotFoundError:  # the process that was waited for has removed it
            pass
        except OSError:
            if descriptor is not None:
                os.close(descriptor)
            return None
        if descriptor is None:
            return None
        os.close(descriptor)


def _wait(descriptor: int, target: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"note: another process makes {target}; waiting for it", file=sys.stderr)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
