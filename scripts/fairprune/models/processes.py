"""Several processes that share the calibration samples out among themselves.

They are started by `accelerate launch` or `torchrun`; a process that was started alone works
alone. Each takes a stretch of the samples' slots (see `walk.py`), all end with the same
statistics, and the first alone writes.
"""

import os
from collections.abc import Iterator
from typing import Any

import torch
import torch.distributed as dist


def join(device: str) -> None:
    """Meet the other processes, if this one was started as one of several."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        from accelerate import PartialState

        PartialState(cpu=device == "cpu" or not torch.cuda.is_available())


def number() -> int:
    """This process's number, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def count() -> int:
    """How many processes there are."""
    return dist.get_world_size() if dist.is_initialized() else 1


def wait() -> None:
    """Wait until every process is here."""
    if count() > 1:
        dist.barrier()


def total(value: int) -> int:
    """The sum of a number over all processes."""
    if count() == 1:
        return value
    values: list[Any] = [0] * count()
    dist.all_gather_object(values, value)
    return sum(values)


def gathered(mine: list[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Every process's tensors, in the order of the processes; each is used before the next.

    All tensors have the same shape, dtype and device type; processes may have any number,
    also none.
    """
    if count() == 1:
        yield from mine
        return
    known: list[Any] = [None] * count()
    about = [(tuple(t.shape), t.dtype) for t in mine]
    dist.all_gather_object(known, about)
    device = "cuda" if dist.get_backend() == "nccl" else "cpu"
    for process, described in enumerate(known):
        for position, (shape, dtype) in enumerate(described):
            tensor = (
                mine[position].contiguous()
                if process == number()
                else torch.empty(shape, dtype=dtype, device=device)
            )
            dist.broadcast(tensor, process)
            yield tensor
