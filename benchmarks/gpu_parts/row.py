"""One line of the table, and how it is measured."""

import time
from collections.abc import Callable

import torch
from measure import Peak, wait


def row(
    what: str,
    found: float,
    unit: str = "s",
    *,
    least: float | None = None,
    most: float | None = None,
    peak: int | None = None,
) -> dict:
    """A figure in its unit, beside the least or most that it should be."""
    aim = f"≥ {least:g} {unit}" if least is not None else f"≤ {most:g} {unit}" if most else ""
    reached = found >= least if least is not None else found <= most if most else None
    said = f"{found:.3g} {unit}"
    return {
        "what": what,
        "value": found,
        "found": said,
        "aim": aim,
        "reached": reached,
        "peak_bytes": peak,
    }


def timed(way: Callable[[], object], warm: bool = True) -> tuple[float, int]:
    """Seconds of a call, after one to warm up, and the peak of memory above what was held."""
    if warm:
        way()
        wait()
    with Peak() as peak:
        began = time.perf_counter()
        way()
        wait()
        seconds = time.perf_counter() - began
    return seconds, peak.bytes


def dtype_on(device: str) -> torch.dtype:
    """What models have on a device."""
    return torch.bfloat16 if device == "cuda" else torch.float32
