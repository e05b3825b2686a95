"""Entry: the activation norms of an unpruned model."""

from pathlib import Path

from fairprune import cli


def measure_activations(
    model: cli.ModelFolder,
    calibration: cli.CalibrationFile,
    output: cli.Output,
    device: cli.Device = "auto",
    dtype: cli.DType = "auto",
    device_memory: cli.DeviceMemory = None,
    host_memory: cli.HostMemory = None,
    seed: cli.Seed = 42,
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
    cli.run(measure_activations)
