"""Prune a model: open → check → measure → allocate → prune → write."""

from pathlib import Path
from typing import Any

import torch

from fairprune.errors import FairpruneError
from fairprune.io.claim import claimed
from fairprune.io.versions import versions
from fairprune.models import processes
from fairprune.models.blocks import open_blocks
from fairprune.models.loading import resolve_dtype
from fairprune.models.memory import ALL, Memory
from fairprune.models.whole import Blocks
from fairprune.present import present
from fairprune.pruning.allocate import Model, Shapes, allocate, block_shapes
from fairprune.pruning.block import Share
from fairprune.pruning.checkpoint import Checkpoint
from fairprune.pruning.depth import choose_blocks, write_removed
from fairprune.pruning.inputs import Inputs, open_inputs
from fairprune.pruning.measure import check_statistics, evidence, measure_missing
from fairprune.pruning.resolved import Method
from fairprune.pruning.select import pattern_error
from fairprune.pruning.through import prune_blocks
from fairprune.pruning.write import write_pruned


def prune(
    model: Path,
    method: Method,
    output: Path,
    *,
    calibration: Path | None = None,
    activations: Path | None = None,
    gradients: Path | None = None,
    seed: int = 42,
    device: str = "auto",
    dtype: str = "auto",
    memory: Memory = ALL,
) -> Path | None:
    """Prune the model in a folder.

    A job that was killed goes on after the last finished block when it is started again with
    the same inputs and parameters; the result is the same to the last bit.

    Args:
        model: folder of a Hugging Face model.
        method: what `resolve` gave.
        output: the pruned folder to make: mask, rewritten weights if any, and the card.
        calibration: token ids; needed unless all statistics are given or none are used.
        activations: dense activation norms; measured from `calibration` if wanted and absent.
        gradients: gradient norms; measured likewise.
        seed: root seed, where the method is seeded.
        device, dtype: see `load_model`; sums and scores are float32 whatever they are.
        memory: what may be used.

    Returns:
        `output`; None in all processes but the first.

    Raises:
        FairpruneError: an input that is missing or does not fit, before anything is written;
            a layer that cannot be pruned.
    """
    if method.sparsity is None:
        raise FairpruneError(f"method {method.name} needs --sparsity, or an N:M --pattern")
    inputs = open_inputs(method, model, calibration, activations, gradients)
    processes.join(device)
    blocks = open_blocks(inputs.model, device, dtype, memory)
    shapes = block_shapes(blocks)
    check(method, inputs, shapes)
    parameters = method.parameters() | {"dtype": dtype, "device": blocks.device.type}
    first = processes.number() == 0
    with claimed(output, first):
        if method.removes_blocks:
            removed, figures = choose_blocks(method, blocks, present(inputs.ids))
            if first:
                write_removed(output, removed, shapes, parameters, inputs.sources, figures)
        else:
            _prune_weights(output, method, inputs, blocks, shapes, parameters, seed)
    return output if first else None


def _prune_weights(
    output: Path,
    method: Method,
    inputs: Inputs,
    blocks: Blocks,
    shapes: Shapes,
    parameters: dict[str, Any],
    seed: int,
) -> None:
    """Measure → allocate → prune → write."""
    stored = resolve_dtype(parameters["dtype"], blocks.device, inputs.model.config)
    with Checkpoint(output, _job(parameters, inputs, seed)) as checkpoint:
        measured = measure_missing(method, inputs, blocks, checkpoint.folder)
        known = evidence(method, measured, seed)
        viewed = Model(shapes, blocks, method, known, inputs.ids)
        shares, figures = _allocated(viewed, checkpoint)
        prune_blocks(viewed, shares, checkpoint, stored)
        if processes.number() == 0:
            used = seed if method.seeded else None
            write_pruned(output, checkpoint, len(blocks), parameters, inputs.sources, used, figures)


def check(method: Method, inputs: Inputs, shapes: Shapes) -> None:
    """See that a method and its statistics fit a model, before anything is measured or written.

    Raises:
        FairpruneError: columns that the pattern does not divide, statistics of other shapes, a
            sparsity that removes no block.
    """
    if method.removes_blocks:
        method.blocks_removed(len(shapes))
    if method.pattern != "unstructured":
        run = int(method.pattern.split(":")[1])
        for layer, (_, columns) in (item for block in shapes for item in block.items()):
            if columns % run:
                raise pattern_error(layer, columns, method.pattern)
    check_statistics(method, inputs, shapes)


def _job(parameters: dict[str, Any], inputs: Inputs, seed: int) -> dict[str, Any]:
    """Everything that decides the result, so that a killed job is known again."""
    digests = {name: source.digest for name, source in inputs.sources.items()}
    running = {"threads": torch.get_num_threads(), "processes": processes.count()}
    return {**parameters, **running, "inputs": digests, "seed": seed, "versions": versions()}


def _allocated(model: Model, checkpoint: Checkpoint) -> tuple[dict[str, Share], dict[str, Any]]:
    """Every layer's share and the allocation's figures; a search is not done twice."""
    found = checkpoint.read_shares()
    if found is None:
        found = allocate(model)
        if model.method.allocation != "uniform":
            checkpoint.write_shares(*found)
    return found
