"""With FAIRPRUNE_TRACE set, each Python process leaves there which modules it has imported."""

import atexit
import os
import sys
from pathlib import Path


def _write() -> None:
    names = sorted(name for name in sys.modules if name.split(".")[0] == "fairprune")
    entry = Path(sys.argv[0]).stem
    if names:
        target = Path(os.environ["FAIRPRUNE_TRACE"]) / f"{entry}-{os.getpid()}"
        target.write_text("\n".join(names), encoding="utf-8")


if "FAIRPRUNE_TRACE" in os.environ:
    atexit.register(_write)
