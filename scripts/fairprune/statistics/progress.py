"""What a gradient job has finished, kept beside its target until the whole is done."""

import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_file
from fairprune.io.tables import read_json, write_json
from fairprune.models import processes

LOST_SECONDS = 20.0  # of work, when a job is killed


class Progress:
    """The folder of an unfinished job: its data, and where it is to go on.

    Now and then each process writes the gradients that go on downwards; then the first one says
    which block is finished. Nothing that this says relies on is replaced before.
    """

    def __init__(self, target: Path, job: dict[str, Any]) -> None:
        """Of the job that makes `target`; another job's folder is thrown away."""
        self.folder = target.with_name(f".{target.name}.unfinished")
        self.data = self.folder / "data"
        self._target = target
        self.job = job
        self.finished: int | None = None
        self._said = time.monotonic()
        known = self._known()
        delivered = known.get("block") == 0 and target.is_file()
        if known.get("job") == job and (self.data.is_file() or delivered):
            self.finished = known["block"]
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

    def begin(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def due(self, block: int) -> bool:
        """Whether to say that `block` is finished: so much work is lost at most; always the last.

        All processes are told what the first one's clock says.
        """
        late = time.monotonic() - self._said >= LOST_SECONDS
        return block == 0 or bool(processes.total(late and processes.number() == 0))

    def finish(self, block: int, upstream: Iterable[torch.Tensor]) -> None:
        """Say that `block` is finished, all data of it written, and what goes on downwards."""
        if block > 0:
            with atomic_file(self._upstream(block)) as partial:
                save_file({str(number): x.cpu() for number, x in enumerate(upstream)}, partial)
        processes.wait()
        if processes.number() == 0:
            write_json(self.folder / "progress.json", {"job": self.job, "block": block})
        processes.wait()
        for old in self.folder.glob(f"upstream-*-{processes.number()}.safetensors"):
            if old != self._upstream(block):
                old.unlink()
        self._said = time.monotonic()

    def remove(self) -> None:
        """Forget the job."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _upstream(self, block: int | None) -> Path:
        return self.folder / f"upstream-{block}-{processes.number()}.safetensors"

    def _known(self) -> dict[str, Any]:
        try:
            return read_json(self.folder / "progress.json")
        except FairpruneError:
            return {}
