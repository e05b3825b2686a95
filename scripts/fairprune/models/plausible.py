"""Sizes in a model's configuration that no model has: laying it out would never end."""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError

MOST, MOST_LAYERS = 1 << 25, 10_000
SIZES = re.compile(
    r"(^|_)(layers?|heads?|hidden|size|dim|positions?|length|n_\w+|inner|experts)(_|$)"
)


def check_sizes(folder: Path) -> None:
    """Refuse a `config.json` with a size that cannot be one; one that cannot be read passes.

    Raises:
        FairpruneError: it names the key.
    """
    file = folder / "config.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return  # which is said where it is read
    check_content(content, file)


def check_content(configuration: Any, file: Path) -> None:
    """The same of a configuration that `file` holds, as JSON has it."""
    todo = [configuration]
    while todo:
        content = todo.pop()
        for key, value in content.items() if isinstance(content, dict) else ():
            todo.append(value)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            most = MOST_LAYERS if key.endswith(("layer", "layers")) else MOST
            if number and SIZES.search(key) and not -most < value < most:
                raise FairpruneError(
                    f"{file}: {key} is {value}, which no model has: copy the model's folder again"
                )


def check_layers(folder: Path, config: Any, tensors: Collection[str]) -> None:
    """Refuse a configuration with more blocks than there are tensors to fill them.

    Raises:
        FairpruneError: it says how many of both there are.
    """
    layers = getattr(config.get_text_config(decoder=True), "num_hidden_layers", 0)
    if layers > len(tensors):
        raise FairpruneError(
            f"{folder}/config.json says {layers} hidden layers, and there are {len(tensors)} "
            "tensors: copy the model's folder again"
        )
