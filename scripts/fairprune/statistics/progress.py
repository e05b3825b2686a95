"""What a gradient job has finished, kept beside its target until the whole is done."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_file
from fairprune.io.tables import read_json, write_json
from fairprune.models import processes
from fairprune.statistics.tensor_file import TensorFile

LOST_SECONDS = 60.0  # of work, when a job is killed
SHARE = 0.02  # of the time, that saying what is finished may take; then more is lost


class Progress:
    """The folder of an unfinished job: its data, and where it is to go on.

    Block by block: now and then each process writes the gradients that go on downwards; then
    the first one says which block is finished. Batch by batch: where a slot ends, the sums over
    the samples until there. Nothing that is said relies on what is replaced before.
    """

    def __init__(self, target: Path, job: dict[str, Any]) -> None:
        """Of the job that makes `target`; another job's folder is thrown away."""
        self.folder = target.with_name(f".{target.name}.unfinished")
        self.data = self.folder / "data"
        self._target = target
        self.job = job
        self.finished: int | None = None
        self.samples = 0
        self._said, self._took = time.monotonic(), 0.0
        known = self._known()
        mine = known.get("job") == job
        delivered = known.get("block") == 0 and target.is_file()
        if mine and "block" in known and (self.data.is_file() or delivered):
            self.finished = known["block"]
        elif mine and self._sums(known.get("samples")).is_file():
            self.samples = known["samples"]
        elif processes.number() == 0:
            self.remove()
        processes.wait()

    def place(self) -> Path:
        """Where the data are: beside the target, or there, when the card alone is missing."""
        return self._target if self.finished == 0 and not self.data.is_file() else self.data

    def upstream(self) -> list[torch.Tensor]:
        """The gradients of what the last finished block received, this process's batches."""
        if self.finished == 0:  # nothing is below it
            return []
        stored = load_file(self._upstream(self.finished))
        return [stored[str(number)] for number in range(len(stored))]

    def sums(self) -> dict[str, torch.Tensor]:
        """What `keep` was given after `samples` samples."""
        return load_file(self._sums(self.samples))

    def begin(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def due(self) -> bool:
        """Whether to say what is finished, asked where that can be said.

        All processes are told what the first one's clock says.
        """
        wait = max(LOST_SECONDS, self._took / SHARE)
        late = time.monotonic() - self._said >= wait
        return bool(processes.total(late and processes.number() == 0))

    def finish(self, block: int, upstream: Iterable[torch.Tensor]) -> None:
        """Say that `block` is finished, all data of it written, and what goes on downwards."""

        def write(partial: Path) -> None:
            save_file({str(number): x.cpu() for number, x in enumerate(upstream)}, partial)

        self._say(self._upstream(block), write if block > 0 else None, block=block)

    def keep(self, samples: int, sums: dict[str, torch.Tensor]) -> None:
        """Say that the first so many samples are summed; one process's."""

        def write(partial: Path) -> None:
            TensorFile(partial, {name: x.shape for name, x in sums.items()}).write(sums)

        self._say(self._sums(samples), write, samples=samples)

    def remove(self) -> None:
        """Forget the job."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _say(self, own: Path, write: Callable[[Path], None] | None, **where: int) -> None:
        began = time.monotonic()
        if write is not None:
            with atomic_file(own) as partial:
                write(partial)
        processes.wait()
        if processes.number() == 0:
            write_json(self.folder / "progress.json", {"job": self.job, **where})
        processes.wait()
        for old in self.folder.glob(f"*-{processes.number()}.safetensors"):
            if old != own:
                old.unlink()
        self._said = time.monotonic()
        self._took = self._said - began

    def _upstream(self, block: int | None) -> Path:
        return self.folder / f"upstream-{block}-{processes.number()}.safetensors"

    def _sums(self, samples: int | None) -> Path:
        return self.folder / f"sums-{samples}-0.safetensors"

    def _known(self) -> dict[str, Any]:
        try:
            return read_json(self.folder / "progress.json")
        except FairpruneError:
            return {}


@contextmanager
def forgotten_on_error(progress: Progress) -> Iterator[None]:
    """Forget the job where what it computes is refused: the same would come again."""
    try:
        yield
    except FairpruneError:
        progress.remove()
        raise
