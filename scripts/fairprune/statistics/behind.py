"""A block's norms go to the disk while the next block is computed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import torch

from fairprune.statistics.tensor_file import TensorFile

Tensors = Mapping[str, torch.Tensor]


class Behind:
    """Hands tensors to a thread of its own that writes them; at most two lots are held."""

    def __init__(self, file: TensorFile | None) -> None:
        """`file` takes the tensors; None where another process writes them."""
        self._file = file
        self._thread = ThreadPoolExecutor(1, "written-behind")
        self._running: Future[None] | None = None

    def __enter__(self) -> Behind:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread, when what it writes is written."""
        self._thread.shutdown()

    def write(self, tensors: Tensors) -> None:
        """Begin to write tensors, which lie on any one device.

        Raises:
            FairpruneError: those before could not be written.
        """
        self._wait()
        if file := self._file:
            there = {tensor.device for tensor in tensors.values() if tensor.is_cuda}
            ready = [torch.cuda.current_stream(device).record_event() for device in there]
            self._running = self._thread.submit(lambda: file.write(_on_host(tensors, ready)))

    def settle(self) -> None:
        """Wait until the disk has everything.

        Raises:
            FairpruneError: it is full.
        """
        self._wait()
        if self._file:
            self._file.sync()

    def _wait(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.result()


def _on_host(tensors: Tensors, ready: list[torch.cuda.Event]) -> Tensors:
    """The same on the host, by pages that a GPU copies to by itself, beside its computations."""
    if not ready:
        return tensors
    stream = torch.cuda.Stream(next(iter(tensors.values())).device)
    with torch.cuda.stream(stream):
        for event in ready:
            stream.wait_event(event)
        found = {
            name: torch.empty(t.shape, dtype=t.dtype, pin_memory=True).copy_(t, non_blocking=True)
            for name, t in tensors.items()
        }
    stream.synchronize()
    return found
