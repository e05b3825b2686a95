"""A Python that has imported its libraries already, for the many processes that tests start.

A process of a step spends seconds on importing torch before it does anything. `folder()` holds a
`python` and a `snakemake` that ask a server, in which the libraries are imported, to fork: what
then runs is a process of its own, with its own arguments, directory, environment, files, signals
and exit code. Nothing of this project is imported beforehand. What is read when a library is
imported (see `server.EARLY`) is as in the server, or the real Python is started instead. Tests
of memory, of imports and of what differs from process to process (hash seeds) start that always.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
# What lm_eval sets where a test imports it: no process is declined for having begun after that.
os.environ.setdefault("HF_XET_HIGH_PERFORMANCE", "1")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}  # before any test changes it
PROGRAMS = {"python": "", "snakemake": "-m snakemake"}


@cache
def folder() -> Path:
    """The folder to put first in PATH; the server starts at the first call and ends with us."""
    place = Path(tempfile.mkdtemp(prefix="prepared-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for name, first in PROGRAMS.items():
        client = f"{sys.executable} -IS {HERE}/client.py {place}/socket {sys.executable}"
        (place / name).write_text(f'#!/bin/sh\nexec {client} {first} "$@"\n')
        (place / name).chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, str(HERE / "server.py"), str(place / "socket")],
        stdin=subprocess.PIPE,  # the server ends when this does
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    folder.server = server  # kept, or the pipe would close
    if server.stdout.readline() != b"ready\n":
        raise RuntimeError("the server of prepared processes has not started")
    return place


def python() -> str:
    """The prepared Python, to stand where `sys.executable` would."""
    return str(folder() / "python")
