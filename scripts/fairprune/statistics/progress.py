"""What a gradient job has finished, kept beside its target until the whole is done."""

import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_file
from fairprune.io.tables import read_json, write_json
from fairprune.models import processes


class Progress:
    """The folder of an unfinished job: its data, and where it is to go on.

    After every block each process writes the gradients that go on downwards; then the first
    one says that the block is finished. Nothing that this says relies on is replaced before.
    """

    def __init__(self, target: Path, job: dict[str, Any]) -> None:
        """Of the job that makes `target`; another job's folder is thrown away."""
        self.folder = target.with_name(f".{target.name}.unfinished")
        self.data = self.folder / "data"
        self.job = job
        self.finished: int | None = None
        known = self._known()
        delivered = known.get("block") == 0 and target.is_file()
        if known.get("job") == job and (self.data.is_file() or delivered):
            self.finished = known["block"]
        elif processes.number() == 0:
            self.remove()
        processes.wait()

    def upstream(self) -> list[torch.Tensor]:
        """The gradients of what the last finished block received, this process's batches."""
        stored = load_file(self._upstream(self.finished))
        return [stored[str(number)] for number in range(len(stored))]

    def begin(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)

    def finish(self, block: int, upstream: list[torch.Tensor]) -> None:
        """Say that `block` is finished, all data of it written, and what goes on downwards."""
        with atomic_file(self._upstream(block)) as partial:
            save_file({str(number): x for number, x in enumerate(upstream)}, partial)
        processes.wait()
        if processes.number() == 0:
            write_json(self.folder / "progress.json", {"job": self.job, "block": block})
        processes.wait()
        for old in self.folder.glob(f"upstream-*-{processes.number()}.safetensors"):
            if old != self._upstream(block):
                old.unlink()

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
