"""Work in a process of its own, under a limit of time and memory.

For what other people's files make a library do: a tokenizer that grows its text without end, a
chat template that loops, a parser that crashes. Such a process ends; the step goes on to say so.
"""

import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from fairprune.errors import FairpruneError, shortened

SECONDS = 30
BYTES_A_SECOND = 20_000  # the slowest that tokenizers are, written in Python
MORE_MEMORY = 4 << 30
KILLED_FOR_TIME = (signal.SIGXCPU, signal.SIGKILL)


def apart(work: Callable[[], Any], what: str, size: int = 0, mapped: int = 0) -> Any:
    """What `work` returns, done in a copy of this process.

    Args:
        work: takes nothing, and gives what JSON can hold.
        what: whose fault it is if it does not end well, for errors ("the tokenizer in FOLDER").
        size: bytes of text that are worked on, which gives more time.
        mapped: bytes of files that are mapped, which take no memory of their own.

    Raises:
        FairpruneError: what `work` raised, in one line; or it needed too much time or memory.
    """
    if not hasattr(os, "fork"):
        return work()
    seconds = SECONDS + size // BYTES_A_SECOND
    reading, writing = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os.close(reading)
        _work(work, writing, seconds, mapped)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as stream:
            answer = stream.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(child, 0)
    return _result(answer, status, what, seconds)


def _work(work: Callable[[], Any], writing: int, seconds: int, mapped: int) -> NoReturn:
    """The child's life: it says what came of it, and ends without anything of the parent's."""
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # crashes are loud
        os.environ["TOKENIZERS_PARALLELISM"] = "false"  # threads do not survive a copy
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        with contextlib.suppress(OSError, ValueError):
            limit = _address_space() + MORE_MEMORY + mapped
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        try:
            answer = {"result": work()}
        except FairpruneError as error:
            answer = {"error": str(error)}
        except BaseException as error:  # a panic of a library in Rust is no Exception
            answer = {"failed": f"{type(error).__name__}: {shortened(error, 300)}"}
        with os.fdopen(writing, "wb") as stream:
            stream.write(json.dumps(answer).encode())
        code = 0
    finally:
        os._exit(code)


def _result(answer: bytes, status: int, what: str, seconds: int) -> Any:
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in KILLED_FOR_TIME:
        raise FairpruneError(f"{what} does not come to an end ({seconds} s): it cannot be used")
    if status or not answer:
        raise FairpruneError(
            f"{what} crashes, or needs more than {MORE_MEMORY >> 30} GiB of memory: it cannot be "
            "used"
        )
    found = json.loads(answer)
    if "error" in found:
        raise FairpruneError(found["error"])
    if "failed" in found:
        raise FairpruneError(f"{what} cannot be used ({found['failed']})")
    return found["result"]


def _address_space() -> int:
    """Bytes of memory that this process has mapped."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")
