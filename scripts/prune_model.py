"""Entry: prune a model."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Device, DType, ModelFolder, Output, Seed, run


def prune_model(
    model: ModelFolder,
    method: Annotated[str, Option(help="Score or preset: wanda, hgla, gblm-repository, …")],
    output: Output,
    sparsity: Annotated[str | None, Option(help="Share of weights to prune, 0 to 1.")] = None,
    pattern: Annotated[str, Option(help="unstructured, or N:M: N of M are kept.")] = "unstructured",
    allocation: Annotated[str | None, Option(help="How sparsity is shared out: owl, …")] = None,
    refinement: Annotated[str | None, Option(help="How the mask is refined: dsnot.")] = None,
    group: Annotated[str | None, Option(help="Compared in a row, layer, or adaptive.")] = None,
    calibration: Annotated[Path | None, Option(help="Token ids, safetensors.")] = None,
    activations: Annotated[Path | None, Option(help="Dense activation norms.")] = None,
    gradients: Annotated[Path | None, Option(help="Gradient norms.")] = None,
    option: Annotated[list[str] | None, Option(help="KEY=VALUE, as score.form=sum.")] = None,
    device: Device = "auto",
    dtype: DType = "auto",
    seed: Seed = 42,
) -> Path:
    """Prune a model: write its masks (1 bit a weight), and the weights that a method rewrites.

    Example: prune_model.py --model models/m --method wanda --sparsity 0.5
    --calibration calibration.safetensors --output pruned/m/wanda/0.50
    """
    from fairprune.pruning.method import resolve
    from fairprune.pruning.options import split_options

    chosen = resolve(
        method,
        sparsity=sparsity,
        pattern=pattern,
        allocation=allocation,
        refinement=refinement,
        group=group,
        options=split_options(option or []),
    )
    from fairprune.pruning.engine import prune

    files = {"calibration": calibration, "activations": activations, "gradients": gradients}
    return prune(model, chosen, output, seed=seed, device=device, dtype=dtype, **files)


if __name__ == "__main__":
    run(prune_model)
