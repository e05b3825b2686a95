"""Sums over samples that do not depend on how the samples are shared out over processes."""

import torch

from fairprune.models import processes


class SlotSum:
    """A sum in a fixed order: of each slot's samples, then of the slots, first to last.

    A process that holds several slots, or one, or none, comes to the same bits.
    """

    def __init__(self, slot: int | None = None) -> None:
        """Nothing added yet; `slot` is the samples of a slot, None: each `add` is one."""
        self.slot = slot
        self.samples = 0
        self._part: torch.Tensor | None = None
        self._closed: list[torch.Tensor] = []
        self._spare: list[torch.Tensor] | None = None

    def reserve(self, shape: tuple[int, ...]) -> None:
        """Take the host memory of the running slot and of those before it, for one process.

        Taken later, between tensors that come and go, it would leave holes too small for them.
        """
        self._spare = [torch.zeros(shape) for _ in range(2)]

    def part(self, shape: tuple[int, ...], device: torch.device) -> torch.Tensor:
        """The running slot's sum, float32, to be added to in place before `count`."""
        if self._part is None:
            self._part = self._spare.pop() if self._spare else torch.zeros(shape, device=device)
        return self._part

    def count(self, samples: int) -> None:
        """Say how many samples have just been added; a full slot is closed."""
        self.samples += samples
        if self.slot is None or self.samples % self.slot == 0:
            self._close()

    def add(self, value: torch.Tensor, samples: int) -> None:
        """Add the sum over `samples` samples."""
        self._part = value if self._part is None else self._part.add_(value)
        self.count(samples)

    def so_far(self) -> torch.Tensor | None:
        """The sum of this process's closed slots where it is one tensor; None before the first."""
        return self._closed[0] if self._closed else None

    def go_on(self, total: torch.Tensor, samples: int) -> None:
        """Begin after `samples` samples of closed slots whose sum is `total`."""
        self._closed = [self._spare.pop().copy_(total) if self._spare else total]
        self.samples = samples

    def total(self) -> tuple[torch.Tensor, int]:
        """The sum over all processes' samples, a plain 0 of none, and their number.

        The sum is handed over: it is not held here any longer.
        """
        self._close()
        slots = processes.gathered(self._closed)
        total = next(slots, torch.zeros(()))
        if processes.count() > 1:
            total = total.clone()
        for part in slots:
            total.add_(part)
        self._closed = []
        return total, processes.total(self.samples)

    def _close(self) -> None:
        if self._part is None:
            return
        if self._closed and processes.count() == 1:
            self._closed[0].add_(self._part)
            if self._spare is not None:
                self._spare.append(self._part.zero_())
        else:
            self._closed.append(self._part)
        self._part = None
