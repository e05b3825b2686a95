"""Has a server run a program in a fork, as if it ran here: `client.py SOCKET PYTHON WORD …`.

Where the server declines, or the words are not a script or Snakemake, PYTHON itself runs them.
"""

import contextlib
import json
import os
import signal
import socket
import sys


def main(place: str, python: str, *words: str) -> None:
    """Ask, pass signals on, and end as the process has ended."""
    if words[:2] != ("-m", "snakemake") and not words[0].endswith(".py"):
        os.execv(python, [python, *words])
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(place)

        def tell(number: int, _: object) -> None:
            with contextlib.suppress(OSError):
                server.send(bytes([number]))

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, tell)
        request = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}
        socket.send_fds(server, [b"!"], [0, 1, 2])
        server.sendall(f"{json.dumps(request)}\n".encode())
        answer = server.makefile().readline().strip()
    if answer == "no":
        os.execv(python, [python, *words])
    code = int(answer or -signal.SIGKILL)
    if code < 0:
        with contextlib.suppress(OSError, ValueError):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    sys.exit(code)


main(*sys.argv[1:])
