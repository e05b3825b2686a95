"""Entry: the activation norms of an unpruned model."""

from pathlib import Path

from fairprune.cli import (
    CalibrationFile,
    Device,
    DeviceMemory,
    DType,
    HostMemory,
    ModelFolder,
    Output,
    Seed,
    run,
)


def measure_activations(
    model: ModelFolder,
    calibration: CalibrationFile,
    output: Output,
    device: Device = "auto",
    dtype: DType = "auto",
    device_memory: DeviceMemory = None,
    host_memory: HostMemory = None,
    seed: Seed = 42,
) -> Path | None:
    """Measure how strongly each layer's inputs are used in the unpruned model.

    Writes safetensors: LAYER = root of the inputs' squares, summed over tokens, averaged over
    samples (float32, one a column). It serves every sparsity. Nothing here is random.

    Example: measure_activations.py --model data/models/m --calibration calibration.safetensors
    --output results/activations/m/news.safetensors
    """
    from fairprune.models.memory import Memory
    from fairprune.statistics.activation_job import measure_activations as step

    memory = Memory.gigabytes(device_memory, host_memory)
    return step(model, calibration, output, device=device, dtype=dtype, memory=memory, seed=seed)


if __name__ == "__main__":
    run(measure_activations)
