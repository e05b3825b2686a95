"""What a killed job had finished: block by block, beside the target until it is whole."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_file, write_text
from fairprune.io.hashing import sha256_data
from fairprune.models import processes
from fairprune.pruning.block import Pruned, Share
from fairprune.pruning.masks import pack, unpack


class Checkpoint:
    """Finished blocks of one pruning job.

    Only masks, rewritten weights and figures are kept: what the following block receives is
    computed again from them, to the same bits.
    """

    def __init__(self, target: Path, job: Any) -> None:
        """Take up what was left for `target`, if it was the same job.

        Args:
            target: the folder that the job makes.
            job: everything that decides the result, JSON-like; another one starts anew.

        Attributes:
            finished: blocks that were finished, from the first on.
        """
        target = Path(target)
        self.folder = target.with_name(f".{target.name}.checkpoint")
        if processes.number() == 0:
            key, known = sha256_data(job), self.folder / "job"
            if not known.is_file() or known.read_text() != key:
                shutil.rmtree(self.folder, ignore_errors=True)
                write_text(known, key)
        processes.wait()
        self._shares = self._kept_shares()
        self.finished = self._count()
        processes.wait()

    def __enter__(self) -> "Checkpoint":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        """Forget everything when the target is whole, or when the input was wrong.

        What was finished stays when the job was interrupted or could not write.
        """
        if kind is None:
            processes.wait()
        wrong = isinstance(error, FairpruneError) and not isinstance(error.__cause__, OSError)
        if processes.number() == 0 and (kind is None or wrong):
            shutil.rmtree(self.folder, ignore_errors=True)

    def _block(self, index: int) -> Path:
        return self.folder / f"block-{index:05d}.safetensors"

    def _count(self) -> int:
        index = 0
        while self._block(index).is_file():
            index += 1
        return index

    def write_block(self, index: int, done: Mapping[str, Pruned]) -> None:
        """Keep one finished block; the first process alone writes."""
        if processes.number() > 0:
            return
        tensors = {f"mask.{name}": torch.from_numpy(pack(p.mask)) for name, p in done.items()}
        for name, pruned in done.items():
            if pruned.weight is not None:
                tensors[f"weight.{name}"] = pruned.weight.cpu().contiguous()
        figures = json.dumps({name: pruned.figures for name, pruned in done.items()})
        with atomic_file(self._block(index)) as partial:
            save_file(tensors, partial, metadata={"figures": figures})

    def read_block(self, index: int) -> dict[str, Pruned]:
        """A finished block: layer → what was done; weights are mapped, not read."""
        figures = self.read_figures(index)
        tensors = load_file(self._block(index))
        return {
            name: Pruned(
                unpack(tensors[f"mask.{name}"].numpy(), (found["rows"], found["columns"])),
                tensors.get(f"weight.{name}"),
                found,
            )
            for name, found in figures.items()
        }

    def read_figures(self, index: int) -> dict[str, dict[str, Any]]:
        """Layer → figures of a finished block."""
        with safe_open(self._block(index), framework="numpy") as file:
            return json.loads(file.metadata()["figures"])

    def weight_files(self, blocks: int) -> dict[str, Path]:
        """LAYER.weight → the file that holds it as weight.LAYER, of the first `blocks`."""
        found = {}
        for index in range(blocks):
            with safe_open(self._block(index), framework="numpy") as file:
                for name in file.keys():  # noqa: SIM118
                    if name.startswith("weight."):
                        found[f"{name.removeprefix('weight.')}.weight"] = self._block(index)
        return found

    def read_bits(self, index: int) -> dict[str, np.ndarray]:
        """The packed masks of a finished block."""
        with safe_open(self._block(index), framework="numpy") as file:
            names = [name for name in file.keys() if name.startswith("mask.")]  # noqa: SIM118
            return {name.removeprefix("mask."): file.get_tensor(name) for name in names}

    def write_shares(self, shares: Mapping[str, Share], figures: Mapping[str, Any]) -> None:
        """Keep what the allocation found."""
        if processes.number() > 0:
            return
        kept = {
            name: share.tolist() if isinstance(share, torch.Tensor) else float(share)
            for name, share in shares.items()
        }
        write_text(self.folder / "shares.json", json.dumps({"shares": kept, "figures": figures}))

    def read_shares(self) -> tuple[dict[str, Share], dict[str, Any]] | None:
        """What the allocation had found when the job was taken up; None: it was not finished."""
        return self._shares

    def _kept_shares(self) -> tuple[dict[str, Share], dict[str, Any]] | None:
        path = self.folder / "shares.json"
        if not path.is_file():
            return None
        kept = json.loads(path.read_text())
        shares = {
            name: torch.tensor(share, dtype=torch.float64) if isinstance(share, list) else share
            for name, share in kept["shares"].items()
        }
        return shares, kept["figures"]
