"""Accidents that happen to steps of a run; Python imports this file where PYTHONPATH names it.

The folder ACCIDENTS remembers what has happened, each accident once.
"""

import os
import sys
import time
from pathlib import Path

STEP = Path(sys.orig_argv[1]).stem if len(sys.orig_argv) > 1 else ""


def first_time(name: str) -> bool:
    """Whether this accident is still to happen; from then on it has, in this Slurm job."""
    file = Path(os.environ["ACCIDENTS"], name)
    if file.exists():
        return False
    part = file.with_suffix(".part")
    part.write_text(os.environ["SLURM_JOB_ID"])
    part.rename(file)
    return True


if STEP == "compute_gradients":  # needs more memory than it has asked for, each time
    patience = 60 if first_time("killed by memory") else 0
    hog = b"x" * 3_600_000_000
    time.sleep(patience)
    del hog
elif STEP == "prune_model" and first_time("cancelled"):
    time.sleep(120)
elif STEP == "evaluate_variant" and "--pruned" in sys.orig_argv and first_time("left alone"):
    time.sleep(5)
