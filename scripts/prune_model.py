"""Entry: prune a model."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune import cli
from fairprune.pruning.step import prune_model as step


def prune_model(
    model: cli.ModelFolder,
    method: Annotated[str, Option(help="Score or preset: wanda, hgla, gblm-repository, …")],
    output: cli.OutputFolder,
    sparsity: Annotated[str | None, Option(help="Share of the weights to prune, 0 to 1.")] = None,
    pattern: Annotated[str, Option(help="unstructured, or N:M: N of M kept.")] = "unstructured",
    allocation: Annotated[str | None, Option(help="How sparsity is shared out: owl, …")] = None,
    refinement: Annotated[str | None, Option(help="How the mask is refined: dsnot, …")] = None,
    group: Annotated[str | None, Option(help="Compared inside: row, layer, adaptive.")] = None,
    calibration: Annotated[Path | None, Option(help="Token ids, safetensors.")] = None,
    activations: Annotated[Path | None, Option(help="Dense activation norms.")] = None,
    gradients: Annotated[Path | None, Option(help="Gradient norms.")] = None,
    option: Annotated[list[str] | None, Option(help="KEY=VALUE: score.form=sum, …")] = None,
    device: cli.Device = "auto",
    dtype: cli.DType = "auto",
    device_memory: cli.DeviceMemory = None,
    host_memory: cli.HostMemory = None,
    seed: cli.Seed = 42,
) -> Path | None:
    """Prune a model: masks, 1 bit a weight, and the weights that a method rewrites.

    Example: prune_model.py --model m --method wanda --sparsity 0.5
    --calibration c.safetensors --output pruned/m/wanda/0.50
    """
    return step(**locals())


if __name__ == "__main__":
    cli.run(prune_model)
