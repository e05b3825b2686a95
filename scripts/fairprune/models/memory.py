"""How much memory a step may use, and where hidden states stay."""

import contextlib
import os
import tempfile
import weakref
from dataclasses import dataclass, field
from pathlib import Path

import torch

from fairprune.errors import FairpruneError

BLOCKS_SHARE, HIDDEN_SHARE = 0.4, 0.3
HOST_HIDDEN_SHARE, WHOLE_SHARE = 0.5, 0.5
PRODUCTS = 2**29
CONTROL_GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Memory:
    """Bytes that may be used; None: what is free when the step begins.

    Two fifths of a GPU's may hold the model's blocks (all of them stay there, or one at a time
    is sent), three tenths hidden states; half of the host's may hold hidden states, and those
    that find no place in it are kept in temporary files.
    """

    device: int | None = None
    host: int | None = None

    @classmethod
    def gigabytes(cls, device: float | None = None, host: float | None = None) -> "Memory":
        """The same in units of 10⁹ bytes.

        Raises:
            FairpruneError: no number of GB, or none at all.
        """
        for size in (device, host):
            if size is not None and not 0 < size < 1e6:
                raise FairpruneError(f"{size:g} GB of memory: a number above 0 is expected")
        return cls(*(None if size is None else int(size * 1e9) for size in (device, host)))

    def for_blocks(self, device: torch.device) -> int:
        """Bytes of the device that may hold blocks."""
        return int(BLOCKS_SHARE * self._of(device))

    def for_hidden(self, device: torch.device) -> int:
        """Bytes of a GPU that may hold hidden states."""
        return int(HIDDEN_SHARE * self._of(device))

    def for_hidden_on_host(self) -> int:
        """Bytes of host memory that may hold hidden states."""
        return int(HOST_HIDDEN_SHARE * self._of(torch.device("cpu")))

    def for_whole_passes(self) -> int:
        """Bytes of host memory that a whole model may take, with sums and a batch's graph."""
        return int(WHOLE_SHARE * self._of(torch.device("cpu")))

    def for_products(self, device: torch.device) -> int:
        """Bytes of a GPU that gradients of single samples may take together.

        By the card and not by what is free: they are added up in such groups, and another
        grouping rounds otherwise.
        """
        if self.device is not None:
            return PRODUCTS
        return max(PRODUCTS, torch.cuda.get_device_properties(device).total_memory // 32)

    def _of(self, device: torch.device) -> int:
        if device.type == "cpu":
            return free_on_host() if self.host is None else self.host
        return torch.cuda.mem_get_info(device)[0] if self.device is None else self.device


ALL = Memory()


def free_on_host() -> int:
    """Bytes of host memory that are free, under the limits of Slurm and of control groups."""
    import psutil

    free = psutil.virtual_memory().available
    asked = int(os.environ.get("SLURM_MEM_PER_NODE", "0"))  # MiB; 0: all; not always enforced
    if asked:
        free = min(free, max(0, asked * 2**20 - psutil.Process().memory_info().rss))
    with contextlib.suppress(OSError, ValueError, KeyError):
        lines = Path("/proc/self/cgroup").read_text().splitlines()
        own = next((line[3:] for line in lines if line.startswith("0::")), "")
        group = CONTROL_GROUPS / own.lstrip("/")
        for folder in (group, *group.parents):
            limit = folder / "memory.max"
            if limit.is_file() and (size := limit.read_text().strip()) != "max":
                pairs = (line.split() for line in (folder / "memory.stat").read_text().splitlines())
                cached = int(dict(pairs)["file"])  # mapped files count, but give way
                used = int((folder / "memory.current").read_text()) - cached
                free = min(free, max(0, int(size) - used))
    return free


@dataclass
class Place:
    """Room for tensors: it is taken while they live."""

    size: int
    used: int = field(default=0)

    def take(self, tensor: torch.Tensor) -> None:
        """Count a tensor that has come to stay here."""
        size = tensor.numel() * tensor.element_size()
        self.used += size
        weakref.finalize(tensor, self._release, size)

    def fits(self, tensor: torch.Tensor) -> bool:
        """Whether there is room for another tensor of this size."""
        return self.used + tensor.numel() * tensor.element_size() <= self.size

    def _release(self, size: int) -> None:
        self.used -= size


class Keeper:
    """Keeps hidden states where there is room: on the device, on the host, in files."""

    def __init__(self, device: torch.device, memory: Memory) -> None:
        """A keeper for hidden states that are made and used on `device`."""
        self.device = device
        self.cuda = device.type == "cuda"
        self.on_device = Place(memory.for_hidden(device) if self.cuda else 0)
        self.on_host = Place(memory.for_hidden_on_host())
        if self.cuda:
            self.stream = torch.cuda.Stream(device)

    def keep(self, x: torch.Tensor) -> torch.Tensor:
        """The same values where they stay; read them through `send` alone."""
        x = x.contiguous()
        if self.cuda and self.on_device.fits(x):
            kept, place = x, self.on_device
        elif self.on_host.fits(x):
            kept, place = (self._pinned(x) if self.cuda else x), self.on_host
        else:
            return _in_file(x)
        place.take(kept)
        return kept

    def send(self, kept: torch.Tensor) -> tuple[torch.Tensor, "torch.cuda.Event | None"]:
        """Kept values on the device, and what to wait for before they are used."""
        if kept.device == self.device:
            return kept, None
        with torch.cuda.stream(self.stream):
            x = kept.to(self.device, non_blocking=kept.is_pinned())
            return x, self.stream.record_event()

    def _pinned(self, x: torch.Tensor) -> torch.Tensor:
        # On the one stream that also sends: what is sent later has surely arrived before.
        self.stream.wait_stream(torch.cuda.current_stream(self.device))
        kept = torch.empty(x.shape, dtype=x.dtype, pin_memory=True)
        with torch.cuda.stream(self.stream):
            kept.copy_(x, non_blocking=True)
        x.record_stream(self.stream)
        return kept


def _in_file(x: torch.Tensor) -> torch.Tensor:
    """The same values in a temporary file that is gone with the tensor."""
    with tempfile.NamedTemporaryFile(prefix="fairprune-") as file:
        kept = torch.from_file(file.name, shared=True, size=x.numel(), dtype=x.dtype)
    return kept.view(x.shape).copy_(x)
