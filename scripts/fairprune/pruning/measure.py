"""The statistics from outside the walk: of the files that were given, or measured now."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fairprune.io.cards import card_path
from fairprune.io.opened import open_input
from fairprune.models import processes
from fairprune.models.whole import Blocks
from fairprune.present import present
from fairprune.pruning.allocate import Shapes
from fairprune.pruning.declare import SCORES
from fairprune.pruning.inputs import Inputs, Tensors
from fairprune.pruning.resolved import Method
from fairprune.pruning.statistics import Evidence
from fairprune.statistics.activation_job import write_activations
from fairprune.statistics.gradient_job import write_gradients
from fairprune.statistics.loss import Loss


def measure_missing(method: Method, inputs: Inputs, blocks: Blocks, folder: Path) -> Inputs:
    """The inputs with what a method uses and was not given: measured into files in `folder`."""
    model, texts = inputs.model, inputs.calibration

    def activations(file: Path) -> None:
        write_activations(model, present(texts), blocks, file)

    def gradients(file: Path) -> None:
        loss: Loss = present(method.gradient_loss)
        norms = sorted(method.gradient_norms)
        write_gradients(model, present(texts), blocks, file, loss=loss, norms=norms)

    if method.dense_activations and inputs.activations is None:
        inputs = replace(inputs, activations=_made(folder, "activations", activations))
    if method.gradient_norms and inputs.gradients is None:
        inputs = replace(inputs, gradients=_made(folder, "gradients", gradients))
    return inputs


def _made(folder: Path, kind: str, write: Callable[[Path], object]) -> Tensors:
    """One kind of statistics, written unless the killed job before had done so."""
    file = folder / f"{kind}.safetensors"
    processes.wait()
    if not card_path(file).is_file():
        write(file)
        processes.wait()
    return Tensors(open_input(file), kind)


def check_statistics(method: Method, inputs: Inputs, shapes: Shapes) -> None:
    """See that the statistics that were given are of a model with layers of these shapes.

    Raises:
        FairpruneError: it names the tensor that is missing or has another shape.
    """
    layers = {name: shape for block in shapes for name, shape in block.items()}
    if inputs.activations:
        inputs.activations.check({layer: (columns,) for layer, (_, columns) in layers.items()})
    if inputs.gradients:
        norms = sorted(method.gradient_norms)
        inputs.gradients.check(
            {f"{n}.{layer}": shape for n in norms for layer, shape in layers.items()}
        )


def evidence(method: Method, inputs: Inputs, seed: int) -> Evidence:
    """What scores and allocations look at beside the walk; `seed` is the root seed."""
    score = SCORES.get(method.score)
    return Evidence(
        dense=inputs.activations,
        scored_dense="activations" in score.needs and score.activations == "dense",
        gradients=inputs.gradients,
        norm=method.options.get("score.gradient_norm"),
        half=method.options.get("score.gradient_dtype") == "float16",
        seed=seed if method.seeded else None,
    )
