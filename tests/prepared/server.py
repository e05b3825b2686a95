"""Imports libraries once, then forks a process for each client: `server.py SOCKET`.

Between server and process stands a keeper, which waits for it, passes signals on to it, and kills
it when its client has gone.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading
from pathlib import Path

# Variables that libraries read as they are imported, by how their names begin. Not XDG_CACHE_HOME:
# of what they read of it then, no program that is prepared uses anything, and others read it late.
EARLY = ("HF_", "HUGGINGFACE", "TRANSFORMERS_", "TOKENIZERS_", "XDG_CONFIG_", "HOME", "PYTHON",
         "OMP_", "TORCH_", "PYTORCH_", "CUDA", "MALLOC", "LD_", "LANG", "LC_ALL")  # fmt: skip

STARTED = dict(os.environ)
LIBRARIES = (
    "accelerate", "altair", "matplotlib.backends.backend_pdf", "matplotlib.backends.backend_svg",
    "pandas", "pyarrow.csv", "pyarrow.parquet", "rouge_score.rouge_scorer", "safetensors.torch",
    "scipy.optimize", "scipy.stats", "sklearn.linear_model", "snakemake.cli", "torch",
    "transformers.generation.utils", "transformers.models.auto.modeling_auto",
    "transformers.models.auto.tokenization_auto", "transformers.models.llama.modeling_llama",
    "typer",
)  # fmt: skip


def prepare() -> None:
    """Import what steps and Snakemake import.

    Threads are lost in forks, so there are none, but that of Arrow's allocator, which knows forks.
    """
    for name in LIBRARIES:
        importlib.import_module(name)
    threads = [file.read_text().strip() for file in Path("/proc/self/task").glob("*/comm")]
    if len(threads) > 1 + threads.count("jemalloc_bg_thd"):
        raise SystemExit(f"threads after the imports: {threads}")
    gc.freeze()


def early(environment: dict[str, str]) -> dict[str, str]:
    """What libraries read of an environment when they are imported."""
    return {name: value for name, value in environment.items() if name.startswith(EARLY)}


def keep(client: socket.socket, process: int) -> int:
    """Wait for a process; what comes from its client are signals, and its end is the last."""
    ended = os.pidfd_open(process)
    listening = [client, ended]
    while ended not in (ready := select.select(listening, [], [])[0]):
        told = client.recv(1)
        if not told:
            listening.remove(client)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, told[0] if told else signal.SIGKILL)
    assert ready
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def become(request: dict, files: list[int]) -> None:
    """Make of this process what the client asked for; it ends as a program does."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    os.closerange(3, max(files) + 1)
    os.chdir(request["folder"])
    imports = {name: os.environ[name] for name in os.environ.keys() - STARTED}
    os.environ.clear()
    os.environ.update(imports | request["environment"])
    words = request["words"]
    module = words[0] == "-m"
    sys.argv = words[1:] if module else words
    sys.path[0] = "" if module else str(Path(words[0]).resolve().parent)
    code = None
    try:
        if module:
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as stop:
        code = stop.code
        if not isinstance(code, int | None):
            raise
    threading._shutdown()  # as Python ends, but for half a second of taking its modules down
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def serve(listener: socket.socket) -> tuple[dict, list[int]]:
    """Answer clients; returns in the process that is to become what one has asked for."""
    while True:
        if sys.stdin in select.select([listener, sys.stdin], [], [])[0]:
            os._exit(0)
        client, _ = listener.accept()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if os.fork():
            client.close()
            continue
        listener.close()
        _, files, _, _ = socket.recv_fds(client, 1, 3)
        request = json.loads(client.makefile().readline())
        if early(request["environment"]) != early(STARTED):
            client.sendall(b"no\n")
            os._exit(0)
        process = os.fork()
        if process == 0:
            client.close()
            return request, files
        for file in (0, 1, 2, *files):
            os.close(file)
        client.sendall(f"{keep(client, process)}\n".encode())
        os._exit(0)


if __name__ == "__main__":
    prepare()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen(64)
        print("ready", flush=True)
        asked = serve(listener)
    become(*asked)
