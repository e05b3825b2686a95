"""Steps that wait to be interrupted, each once; Python imports this file where PYTHONPATH names it.

The folder INTERRUPTED remembers which, and their Slurm jobs.
"""

import os
import sys
import time
from pathlib import Path

STEP = Path(sys.orig_argv[1]).stem if len(sys.orig_argv) > 1 else ""

if STEP in ("prepare_task", "prepare_calibration", "measure_activations"):
    file = Path(os.environ["INTERRUPTED"], STEP)
    if not file.exists():
        part = file.with_suffix(".part")
        part.write_text(os.environ["SLURM_JOB_ID"])
        part.rename(file)
        time.sleep(300)
