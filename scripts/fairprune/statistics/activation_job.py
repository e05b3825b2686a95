"""The activation job: from a model and a calibration set to a file of activation norms."""

from pathlib import Path

from safetensors.torch import save_file
from tqdm import tqdm

from fairprune.io.atomic import atomic_file
from fairprune.io.cards import write_card
from fairprune.io.usage import peak_device_memory_bytes
from fairprune.models import processes
from fairprune.models.blocks import open_blocks
from fairprune.models.folder import ModelFolder, open_model
from fairprune.models.memory import ALL, Memory
from fairprune.models.walk import Walk
from fairprune.models.whole import Blocks
from fairprune.statistics.activations import dense_activations
from fairprune.statistics.calibration import Calibration, open_calibration


def measure_activations(
    model: Path,
    calibration: Path,
    output: Path,
    *,
    device: str = "auto",
    dtype: str = "auto",
    memory: Memory = ALL,
    seed: int = 42,
) -> Path | None:
    """Write `LAYER` → activation norm of the unpruned model, float32, and the card.

    Args:
        model: a model folder.
        calibration: a file of token ids.
        output: the safetensors file to write.
        device, dtype: see `loading.load_model`.
        memory: what may be used.
        seed: recorded; nothing here is random.

    Returns:
        `output`; None in all processes but the first.

    Raises:
        FairpruneError: wrong input, before anything is written.
    """
    processes.join(device)
    folder = open_model(model)
    texts = open_calibration(calibration, folder)
    blocks = open_blocks(folder, device, dtype, memory)
    return write_activations(folder, texts, blocks, output, seed)


def write_activations(
    model: ModelFolder, calibration: Calibration, blocks: Blocks, output: Path, seed: int = 42
) -> Path | None:
    """The same from inputs that are open."""
    walk = Walk(blocks, calibration.ids)
    with tqdm(total=len(walk), desc="activations", unit="block") as bar:
        norms = dense_activations(walk, bar.update)
    if processes.number() > 0:
        return None
    with atomic_file(output) as partial:
        save_file(norms, partial)
    write_card(
        output,
        stage="measure_activations",
        files=[output],
        parameters={
            "dtype": str(blocks.model.dtype).removeprefix("torch."),
            "device": walk.device.type,
            "weights": model.weights_digest,
        },
        inputs={"model": model.source, "calibration": calibration.source},
        seed=seed,
        figures={"peak_device_memory_bytes": peak_device_memory_bytes()},
    )
    return output
