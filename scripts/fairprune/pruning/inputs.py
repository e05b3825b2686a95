"""Statistics that come from outside the walk: given as files, or measured where none is given."""

import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from fairprune.errors import FairpruneError
from fairprune.io.cards import card_path, made_with, verified
from fairprune.models import processes
from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers
from fairprune.models.memory import Memory
from fairprune.pruning.allocate import Shapes
from fairprune.pruning.declare import SCORES
from fairprune.pruning.resolved import Method
from fairprune.pruning.statistics import Evidence
from fairprune.statistics.activation_job import measure_activations
from fairprune.statistics.gradient_job import compute_gradients

Shape = tuple[int, ...]


class TensorFile:
    """The tensors of a safetensors file, read when they are asked for."""

    def __init__(self, path: Path, expected: Mapping[str, Shape], remedy: str) -> None:
        """Open and check `path`.

        Args:
            path: the file; verified when it has a card.
            expected: name → shape of what must be there.
            remedy: how such a file is made, for errors.

        Raises:
            FairpruneError: no file, a truncated one, or a tensor missing or of another shape.
        """
        self.path = Path(path)
        if not self.path.is_file():
            raise FairpruneError(f"{path} does not exist: {remedy}")
        verified(self.path)
        try:
            self._file = safe_open(self.path, framework="pt")
        except (SafetensorError, OSError) as error:
            raise FairpruneError(
                f"{path} is truncated or not safetensors ({error}): {remedy}"
            ) from None
        keys = set(self._file.keys())
        for name, shape in expected.items():
            if name not in keys:
                raise FairpruneError(f"{path} has no {name}: {remedy}")
            found = tuple(self._file.get_slice(name).get_shape())
            if found != shape:
                raise FairpruneError(
                    f"{path}: {name} has shape {found}, this model needs {shape}: {remedy}"
                )

    def __getitem__(self, name: str) -> torch.Tensor:
        """One tensor."""
        return self._file.get_tensor(name)


def block_shapes(blocks: Blocks) -> Shapes:
    """For each block: layer path → (out, in), without reading any weight."""
    return [
        {n: (m.out_features, m.in_features) for n, m in find_layers(name, block).items()}
        for name, block in zip(blocks.names, blocks.modules, strict=True)
    ]


def read_evidence(
    method: Method,
    files: Mapping[str, Path | None],
    shapes: Shapes,
    seed: int,
) -> Evidence:
    """The statistics of a method's files, opened and checked.

    Args:
        method: decides what is used.
        files: "activations" and "gradients"; None where there is no file (yet).
        shapes: what `block_shapes` gave.
        seed: root seed.
    """
    layers = {name: shape for block in shapes for name, shape in block.items()}
    dense = files["activations"] and _activations(files["activations"], layers)
    gradients = files["gradients"] and _gradients(files["gradients"], layers, method)
    score = SCORES.get(method.score)
    return Evidence(
        dense=dense,
        scored_dense="activations" in score.needs and score.activations == "dense",
        gradients=gradients,
        norm=method.options.get("score.gradient_norm"),
        half=method.options.get("score.gradient_dtype") == "float16",
        seed=seed if method.seeded else None,
    )


def note_other_loss(method: Method, gradients: Path | None) -> None:
    """Say on stderr where a gradients file, by its card, was made with another loss."""
    made = made_with(gradients).get("loss") if gradients else None
    if made and made != method.gradient_loss:
        print(
            f"note: {gradients} was made with loss {made}, and method {method.name} is defined "
            f"with {method.gradient_loss}: say --option score.loss={made} if it is meant",
            file=sys.stderr,
        )


def missing_statistics(method: Method, given: Mapping[str, Path | None]) -> list[str]:
    """Which files ("activations", "gradients") a method uses and was not given."""
    used = {"activations": method.dense_activations, "gradients": bool(method.gradient_norms)}
    return [kind for kind, wanted in used.items() if wanted and not given[kind]]


def measure_missing(
    method: Method,
    given: Mapping[str, Path | None],
    folder: Path,
    device: str,
    dtype: str,
    memory: Memory,
) -> dict[str, Path]:
    """Measure what a method uses and was not given; the files stay in `folder`."""
    measured = {}
    options = {"device": device, "dtype": dtype, "memory": memory}
    for kind in missing_statistics(method, given):
        path = measured[kind] = folder / f"{kind}.safetensors"
        processes.wait()
        if card_path(path).is_file():
            continue
        if kind == "activations":
            measure_activations(given["model"], given["calibration"], path, **options)
        else:
            options |= {"loss": method.gradient_loss, "norms": sorted(method.gradient_norms)}
            compute_gradients(given["model"], given["calibration"], path, **options)
        processes.wait()
    return measured


def _activations(path: Path, shapes: Mapping[str, Shape]) -> TensorFile:
    """Dense activation norms: LAYER, of length in. Errors: `TensorFile`."""
    expected = {layer: (columns,) for layer, (_, columns) in shapes.items()}
    return TensorFile(path, expected, "make it with measure_activations.py for this model")


def _gradients(path: Path, shapes: Mapping[str, Shape], method: Method) -> TensorFile:
    """Gradient norms: `NORM.LAYER`, out × in, for the norms wanted. Errors: `TensorFile`."""
    expected = {
        f"{n}.{layer}": shape
        for n in sorted(method.gradient_norms)
        for layer, shape in shapes.items()
    }
    return TensorFile(path, expected, "make it with compute_gradients.py for this model")
