"""Time and memory that this process has used."""

import resource
import sys
import time

_STARTED = time.monotonic()


def seconds() -> float:
    """Seconds since the process imported this package."""
    return time.monotonic() - _STARTED


def peak_memory_bytes() -> int:
    """The largest resident memory of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def peak_device_memory_bytes() -> int:
    """The largest memory that PyTorch held on any GPU so far, in bytes; 0 without one."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return 0
    return max(torch.cuda.max_memory_allocated(i) for i in range(torch.cuda.device_count()))


def summary() -> str:
    """One line for the end of a log: time, peak memory, and peak GPU memory where there is one."""
    text = f"{seconds():.1f} s, peak memory {peak_memory_bytes() / 2**20:.0f} MiB"
    device = peak_device_memory_bytes()
    return text + (f", peak GPU memory {device / 2**20:.0f} MiB" if device else "")
