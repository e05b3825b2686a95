"""The gradient job: from a model and a calibration set to a file of gradient norms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from fairprune.errors import unknown
from fairprune.io.cards import write_card
from fairprune.io.claim import claimed
from fairprune.io.usage import peak_device_memory_bytes
from fairprune.io.versions import versions
from fairprune.models import processes
from fairprune.models.blocks import open_blocks
from fairprune.models.folder import ModelFolder, open_model
from fairprune.models.memory import ALL, Memory
from fairprune.models.whole import Blocks
from fairprune.statistics.batch_by_batch import batch_by_batch
from fairprune.statistics.block_by_block import block_by_block
from fairprune.statistics.calibration import Calibration, open_calibration
from fairprune.statistics.gradients import NORMS, samples_walk
from fairprune.statistics.loss import Loss
from fairprune.statistics.progress import Progress


def compute_gradients(
    model: Path,
    calibration: Path,
    output: Path,
    *,
    loss: Loss = "full",
    scale: float = 100.0,
    norms: Sequence[str] = (),
    device: str = "auto",
    dtype: str = "auto",
    memory: Memory = ALL,
    seed: int = 42,
) -> Path | None:
    """Write `NORM.LAYER` → gradient norm, float32, out × in, and the card.

    A job that was killed goes on when it is started again with the same inputs and parameters;
    the file is the same to the last bit, and so it is whatever room there was.

    Args:
        model: a model folder.
        calibration: a file of token ids.
        output: the safetensors file to write.
        loss: `full` or `last_token`.
        scale: α, what each gradient is multiplied by.
        norms: of `l1` (sum of absolute values) and `l2` (root of squares); none: both.
        device, dtype: see `loading.load_model`.
        memory: what may be used.
        seed: recorded; nothing here is random.

    Returns:
        `output`; None in all processes but the first.

    Raises:
        FairpruneError: wrong input, before anything is written.
    """
    for norm in norms:
        if norm not in NORMS:
            raise unknown("gradient norm", norm, NORMS)
    processes.join(device)
    folder = open_model(model)
    texts = open_calibration(calibration, folder)
    blocks = open_blocks(folder, device, dtype, memory)
    return write_gradients(
        folder, texts, blocks, output, loss=loss, scale=scale, norms=norms, seed=seed
    )


def write_gradients(
    model: ModelFolder,
    calibration: Calibration,
    blocks: Blocks,
    output: Path,
    *,
    loss: Loss = "full",
    scale: float = 100.0,
    norms: Sequence[str] = (),
    seed: int = 42,
) -> Path | None:
    """The same from inputs that are open."""
    walk = samples_walk(blocks, calibration.ids)
    names = sorted(set(norms)) or list(NORMS)
    parameters = {
        "loss": loss,
        "scale": scale,
        "norms": names,
        "dtype": str(blocks.model.dtype).removeprefix("torch."),
        "device": walk.device.type,
        "weights": model.weights_digest,
    }
    inputs = {"model": model.source, "calibration": calibration.source}
    job = {
        **parameters,
        **{name: source.digest for name, source in inputs.items()},
        "processes": processes.count(),
        "threads": torch.get_num_threads(),
        "versions": versions(),
    }
    with claimed(Path(output), processes.number() == 0):
        progress = Progress(Path(output), job)
        how = walk, progress, loss, scale, names
        made = batch_by_batch(*how) if progress.finished is None else None
        losses, sha256 = block_by_block(*how) if made is None else made
        if processes.number() > 0:
            processes.wait()
            return None
        if progress.data.is_file():  # else it was delivered, and the card alone is missing
            progress.data.replace(output)
        write_card(
            output,
            stage="compute_gradients",
            files=[output],
            hashed={output: sha256},
            parameters=parameters,
            inputs=inputs,
            seed=seed,
            figures={
                "loss": sum(losses) / len(losses),
                "losses": losses,
                "peak_device_memory_bytes": peak_device_memory_bytes(),
            },
        )
        progress.remove()
        processes.wait()
    return output
