"""Every combination of a configuration's grids that makes no sense, with the reason."""

import json
from collections.abc import Iterable
from pathlib import Path

from fairprune.config import Configuration
from fairprune.errors import FairpruneError
from fairprune.pruning.resolved import Method
from fairprune.workflow import plan


def check_grids(config: Configuration) -> None:
    """Refuse methods that cannot be, or not at a sparsity of their grids.

    Raises:
        FairpruneError: a line each method and reason, with the sparsities.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    for grid in config.grid:
        for name in grid.methods or config.methods:
            for sparsity in grid.sparsities:
                try:
                    method = plan.method(config, name, sparsity)
                    _check_depth(config, grid.models or config.models, method)
                except FairpruneError as error:
                    why = str(error).removeprefix(f"methods.{name} at {sparsity}: ")
                    found.setdefault((name, why), {})[sparsity] = None
    if found:
        lines = (f"methods.{name} at {', '.join(at)}: {why}" for (name, why), at in found.items())
        raise FairpruneError("\n".join(lines))


def _check_depth(config: Configuration, models: Iterable[str], method: Method) -> None:
    """Refuse a sparsity that removes no block of a local model."""
    for model in models if method.removes_blocks else ():
        folder = config.models[model].path if model in config.models else None
        if folder and (blocks := _blocks(Path(folder) / "config.json")):
            try:
                method.blocks_removed(blocks)
            except FairpruneError as error:
                raise FairpruneError(f"{error} (models.{model})") from None


def _blocks(file: Path) -> int | None:
    """The number of hidden layers that a model's file says, where it can be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        number = found.get("text_config", found).get("num_hidden_layers")
        return number if isinstance(number, int) and number > 0 else None
    except (OSError, ValueError, AttributeError):
        return None
