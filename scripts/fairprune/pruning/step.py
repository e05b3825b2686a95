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
    """Resolve the method, which needs no torch, then prune.

    Args:
        model: folder of a Hugging Face model.
        method: a score (wanda, hgla, …) or a preset (gblm-repository, …).
        output: the pruned folder to make: mask, rewritten weights if any, and the card.
        option: `PART.NAME=VALUE` each, as `score.form=sum`.
        device_memory, host_memory: gigabytes that may be used; None: all there are.
        arguments: sparsity, pattern, allocation, refinement and group as `method.resolve` takes
            them; calibration, activations, gradients, device, dtype and seed as `engine.prune`.

    Returns:
        `output`; None in all processes but the first.

    Raises:
        FairpruneError: parts that do not go together, or an input that does not fit, before
            anything is written; a layer that cannot be pruned.
    """
    parts = ("sparsity", "pattern", "allocation", "refinement", "group")
    chosen = {part: arguments.pop(part) for part in parts if part in arguments}
    resolved = resolve(method, options=split_options(option or []), **chosen)
    if resolved.caution:
        print(f"warning: method {method}: {resolved.caution}", file=sys.stderr)

    from fairprune.models.memory import Memory
    from fairprune.pruning.engine import prune

    memory = Memory.gigabytes(device_memory, host_memory)
    return prune(model, resolved, output, memory=memory, **arguments)
