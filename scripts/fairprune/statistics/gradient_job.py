"""The gradient job: from a model and a calibration set to a file of gradient norms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn
from tqdm import tqdm

from fairprune.errors import FairpruneError, unknown
from fairprune.io.cards import write_card
from fairprune.io.claim import claimed
from fairprune.io.usage import peak_device_memory_bytes
from fairprune.io.versions import versions
from fairprune.models import processes
from fairprune.models.blocks import open_blocks
from fairprune.models.folder import ModelFolder, open_model
from fairprune.models.layout import find_layers
from fairprune.models.memory import ALL, Memory
from fairprune.models.walk import Walk
from fairprune.models.whole import Blocks
from fairprune.statistics.behind import Behind
from fairprune.statistics.calibration import Calibration, open_calibration
from fairprune.statistics.gradients import NORMS, backward_block, forward_all
from fairprune.statistics.loss import Loss, head_gradients
from fairprune.statistics.progress import Progress
from fairprune.statistics.tensor_file import TensorFile


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

    A job that was killed goes on after the last finished block when it is started again with
    the same inputs and parameters; the file is the same to the last bit.

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
    walk = Walk(blocks, calibration.ids)
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
        losses, sha256 = _backwards(walk, progress, loss, scale, names)
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


def _backwards(
    walk: Walk, progress: Progress, loss: Loss, scale: float, norms: list[str]
) -> tuple[list[float], str]:
    """Write the norms of all blocks that are not finished; the samples' losses, the data's hash."""
    bar = tqdm(total=2 * len(walk), desc="gradients", unit="block")
    received, hidden, outputs = forward_all(walk, bar.update)
    upstream, losses = head_gradients(walk, hidden, loss, scale)
    del hidden
    remaining = range(len(walk))
    if progress.finished is not None:
        remaining = range(progress.finished)
        upstream = [walk.keep(x.to(walk.device)) for x in progress.upstream()]
    bar.update(len(walk) - len(remaining))
    progress.begin()
    data = TensorFile(progress.place(), _shapes(walk, norms)) if processes.number() == 0 else None
    with Behind(data) as behind:
        for index in reversed(remaining):
            try:
                upstream, found = backward_block(
                    walk, index, received[index], upstream, norms, outputs
                )
            except FairpruneError:
                progress.remove()
                raise
            received[index] = []
            behind.write(found)
            del found
            if progress.due(index):
                behind.settle()
                progress.finish(index, walk.staged(upstream))
            bar.update()
    bar.close()
    every = torch.cat([*processes.gathered([losses])]).tolist()
    return every, data.sha256() if data else ""


def _shapes(walk: Walk, norms: list[str]) -> dict[str, tuple[int, ...]]:
    """In the order in which they are written: the last block comes first."""
    layers: dict[str, nn.Linear] = {}
    for name, block in reversed([*zip(walk.names, walk.blocks.modules, strict=True)]):
        layers |= find_layers(name, block)
    return {
        f"{norm}.{layer}": tuple(module.weight.shape)
        for layer, module in layers.items()
        for norm in norms
    }
