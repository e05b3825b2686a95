"""The steps as their command lines call them."""

import sys
from pathlib import Path
from typing import Any

from fairprune.pruning.method import resolve
from fairprune.pruning.options import split_options


def prune_model(
    model: Path,
    method: str,
    output: Path,
    *,
    option: list[str] | None = None,
    device_memory: float | None = None,
    host_memory: float | None = None,
    **arguments: Any,
) -> Path | None:
    """Resolve the method, which needs no torch, then prune; arguments of scripts/prune_model.py."""
    parts = ("sparsity", "pattern", "allocation", "refinement", "group")
    chosen = {part: arguments.pop(part) for part in parts if part in arguments}
    resolved = resolve(method, options=split_options(option or []), **chosen)
    if resolved.caution:
        print(f"warning: method {method}: {resolved.caution}", file=sys.stderr)

    from fairprune.models.memory import Memory
    from fairprune.pruning.engine import prune

    memory = Memory.gigabytes(device_memory, host_memory)
    return prune(model, resolved, output, memory=memory, **arguments)
