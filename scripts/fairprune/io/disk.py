"""What a disk says that takes no more, in words."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairprune.errors import FairpruneError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)


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
