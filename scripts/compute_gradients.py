"""Entry: the gradient norms of every weight."""

from pathlib import Path
from typing import Annotated, Any, Literal

from typer import Option

from fairprune import cli


def compute_gradients(
    model: cli.ModelFolder,
    calibration: cli.CalibrationFile,
    output: cli.Output,
    loss: Annotated[Literal["full", "last_token"], Option(help="Tokens in the loss.")] = "full",
    scale: Annotated[float, Option(help="Factor of the gradients.")] = 100.0,
    norms: Annotated[list[str] | None, Option("--norm", help="l1, l2; none: both.")] = None,
    device: cli.Device = "auto",
    dtype: cli.DType = "auto",
    device_memory: cli.DeviceMemory = None,
    host_memory: cli.HostMemory = None,
    seed: cli.Seed = 42,
) -> Path | None:
    """Compute each sample's own gradient of every weight, and their norms over samples.

    Writes safetensors: l1.LAYER = sum of absolutes, l2.LAYER = root of the sum of squares
    (float32, out × in). A killed job goes on.

    Example: compute_gradients.py --model m --calibration c.safetensors --output g.safetensors
    """
    from fairprune.models.memory import Memory
    from fairprune.statistics.gradient_job import compute_gradients as step

    about: dict[str, Any] = {"loss": loss, "scale": scale, "norms": norms or (), "seed": seed}
    memory = Memory.gigabytes(device_memory, host_memory)
    return step(model, calibration, output, device=device, dtype=dtype, memory=memory, **about)


if __name__ == "__main__":
    cli.run(compute_gradients)
