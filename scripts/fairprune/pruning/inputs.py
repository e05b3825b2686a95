"""What a pruning job is given, opened once: the model, calibration samples, statistics."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from fairprune.errors import FairpruneError
from fairprune.io.opened import Opened, open_input
from fairprune.models.folder import ModelFolder, open_model
from fairprune.pruning.resolved import Method
from fairprune.statistics.calibration import Calibration, open_calibration

MADE_BY = {"activations": "measure_activations.py", "gradients": "compute_gradients.py"}


class Tensors:
    """The tensors of a safetensors file of statistics, read when they are asked for."""

    def __init__(self, source: Opened, kind: str) -> None:
        """Open a file of "activations" (LAYER, of length in) or "gradients" (NORM.LAYER, out × in).

        Raises:
            FairpruneError: a truncated file, or no safetensors.
        """
        self.source = source
        self._remedy = f"make it with {MADE_BY[kind]} for this model"
        try:
            self._file = safe_open(source.path, framework="pt")
        except (SafetensorError, OSError) as error:
            raise FairpruneError(
                f"{source.path} is truncated or not safetensors ({error}): {self._remedy}"
            ) from None

    def __getitem__(self, name: str) -> torch.Tensor:
        """One tensor."""
        return self._file.get_tensor(name)

    def check(self, expected: Mapping[str, tuple[int, ...]]) -> None:
        """See that the tensors are there: name → shape.

        Raises:
            FairpruneError: one is missing, or has another shape.
        """
        keys = set(self._file.keys())
        for name, shape in expected.items():
            if name not in keys:
                raise FairpruneError(f"{self.source.path} has no {name}: {self._remedy}")
            found = tuple(self._file.get_slice(name).get_shape())
            if found != shape:
                raise FairpruneError(
                    f"{self.source.path}: {name} has shape {found}, this model needs {shape}: "
                    f"{self._remedy}"
                )


@dataclass(frozen=True)
class Inputs:
    """What a pruning job uses of what it was given; None where it uses or was given nothing."""

    model: ModelFolder
    calibration: Calibration | None
    activations: Tensors | None
    gradients: Tensors | None

    @property
    def ids(self) -> torch.Tensor | None:
        """Calibration samples, samples × tokens."""
        return self.calibration.ids if self.calibration else None

    @property
    def sources(self) -> dict[str, Opened]:
        """What was opened, by its name in the card."""
        named = {
            "model": self.model,
            "calibration": self.calibration,
            "activations": self.activations,
            "gradients": self.gradients,
        }
        return {name: given.source for name, given in named.items() if given is not None}


def open_inputs(
    method: Method,
    model: Path,
    calibration: Path | None,
    activations: Path | None,
    gradients: Path | None,
) -> Inputs:
    """Open what a method uses.

    Raises:
        FairpruneError: a file that is missing, broken or made for another model; a calibration
            set that is needed and not given.
    """
    activations = activations if method.dense_activations else None
    gradients = gradients if method.gradient_norms else None
    used = {
        "activations": method.dense_activations and not activations,
        "gradients": bool(method.gradient_norms) and not gradients,
    }
    missing = [kind for kind, measured in used.items() if measured]
    if not (method.walks or missing):
        calibration = None
    elif calibration is None:
        files = "".join(f", or --{kind}" for kind in missing) if not method.walks else ""
        raise FairpruneError(
            f"method {method.name} needs statistics of text: give --calibration{files}"
        )
    folder = open_model(model)
    activation_norms = gradient_norms = None
    if activations:
        activation_norms = _open_statistic(activations, "activations", folder)
    if gradients:
        gradient_norms = _open_statistic(gradients, "gradients", folder)
        _note_other_loss(method, gradient_norms.source)
    texts = open_calibration(calibration, folder) if calibration else None
    return Inputs(folder, texts, activation_norms, gradient_norms)


def _open_statistic(file: Path, kind: str, model: ModelFolder) -> Tensors:
    if not Path(file).is_file():
        raise FairpruneError(f"{file} does not exist: make it with {MADE_BY[kind]} for this model")
    source = open_input(file)
    model.check_made_for_it(source, "make it for this model")
    return Tensors(source, kind)


def _note_other_loss(method: Method, gradients: Opened) -> None:
    """Say on stderr where gradients, by their card, were made with another loss."""
    made = gradients.parameters.get("loss")
    if made and made != method.gradient_loss:
        print(
            f"note: {gradients.path} was made with loss {made}, and method {method.name} is "
            f"defined with {method.gradient_loss}: say --option score.loss={made} if it is meant",
            file=sys.stderr,
        )
