"""The commands that prune a model again, by what the card of the pruned folder says."""

import shlex
from collections.abc import Mapping
from typing import Any

from fairprune.pruning.method import resolve

STATISTICS = ("calibration", "activations", "gradients")


def method_words(parameters: Mapping[str, Any]) -> list[str]:
    """The options of prune_model.py that give these parameters: what is not the default alone."""
    name, pattern = parameters["method"], parameters["pattern"]
    if pattern == "unstructured":
        words, target = (
            ["--sparsity", str(parameters["sparsity"])],
            {"sparsity": parameters["sparsity"]},
        )
    else:
        words, target = ["--pattern", pattern], {"pattern": pattern}
    usual = resolve(name, **target).parameters()
    chosen: dict[str, Any] = {}
    for part in ("allocation", "refinement", "group"):
        if parameters[part] != usual[part]:
            chosen[part] = parameters[part] or "none"
            words += [f"--{part}", chosen[part]]
    options = resolve(name, **target, **chosen).options
    for option, value in parameters["options"].items():
        if value != options.get(option):
            words += ["--option", f"{option}={value}"]
    return ["--method", name, *words]


def commands(card: Mapping[str, Any], form: str) -> list[str]:
    """Command lines from the model and its statistics to an exported folder.

    Args:
        card: of the pruned folder.
        form: dense, or 2of4.
    """
    given = [name for name in STATISTICS if name in card["inputs"]]
    words = ["python", "scripts/prune_model.py", "--model", "MODEL"]
    words += method_words(card["parameters"])
    words += [word for name in given for word in (f"--{name}", f"{name.upper()}.safetensors")]
    words += ["--dtype", card["parameters"]["dtype"]]
    words += [] if card["seed"] is None else ["--seed", str(card["seed"])]
    export = ["python", "scripts/export_model.py", "--model", "MODEL", "--pruned", "PRUNED"]
    export += ["--format", form] if form != "dense" else []
    return [
        shlex.join([*words, "--output", "PRUNED"]),
        shlex.join([*export, "--output", "FOLDER"]),
    ]
