"""Prune a model block after block, and write what was done."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from fairprune.errors import FairpruneError
from fairprune.io.cards import digest_of, versions
from fairprune.io.claim import claimed
from fairprune.models import processes
from fairprune.models.blocks import Blocks, open_blocks
from fairprune.models.identity import check_made_for
from fairprune.models.layout import find_layers
from fairprune.models.loading import load_config, resolve_dtype
from fairprune.models.memory import ALL, Memory
from fairprune.models.walk import Walk
from fairprune.pruning.allocate import Model, Shapes, allocate
from fairprune.pruning.block import Pruned, Share, prune_block
from fairprune.pruning.checkpoint import Checkpoint
from fairprune.pruning.inputs import (
    block_shapes,
    measure_missing,
    missing_statistics,
    note_other_loss,
    read_evidence,
)
from fairprune.pruning.observation import observe, wanted_by
from fairprune.pruning.resolved import Method
from fairprune.pruning.select import pattern_error
from fairprune.pruning.statistics import Evidence
from fairprune.pruning.write import write_pruned
from fairprune.statistics.calibration import read_calibration


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
    given = {
        "model": model,
        "calibration": calibration,
        "activations": activations if method.dense_activations else None,
        "gradients": gradients if method.gradient_norms else None,
    }
    if not (method.walks or missing_statistics(method, given)):
        given["calibration"] = None
    elif calibration is None:
        raise _no_text(method, missing_statistics(method, given))
    config = load_config(model)
    for kind in ("activations", "gradients"):
        if given[kind]:
            check_made_for(given[kind], model, "make it for this model")
    note_other_loss(method, given["gradients"])
    ids = read_calibration(calibration, config, model) if given["calibration"] else None
    processes.join(device)
    blocks = open_blocks(model, device, dtype, memory)
    shapes = block_shapes(blocks)
    _check_pattern(method, shapes)
    read_evidence(method, given, shapes, seed)  # what does not fit is refused before the work
    parameters = method.parameters() | {"dtype": dtype, "device": blocks.device.type}
    inputs = {name: digest_of(path) for name, path in given.items() if path}
    job = {**parameters, "inputs": inputs, "seed": seed, "versions": versions()}
    job |= {"threads": torch.get_num_threads(), "processes": processes.count()}
    with (
        claimed(output, processes.number() == 0),
        Checkpoint(output, job) as checkpoint,
    ):
        measured = measure_missing(method, given, checkpoint.folder, device, dtype, memory)
        evidence = read_evidence(method, given | measured, shapes, seed)
        shares, figures = _shares(Model(shapes, blocks, method, evidence, ids), checkpoint)
        stored = resolve_dtype(dtype, blocks.device, config)
        prune_blocks(blocks, method, shares, evidence, ids, checkpoint, stored)
        if processes.number() == 0:
            seed = seed if method.seeded else None
            write_pruned(output, checkpoint, len(blocks), parameters, given, seed, figures)
    return output if processes.number() == 0 else None


def _no_text(method: Method, missing: list[str]) -> FairpruneError:
    files = "".join(f", or --{kind}" for kind in missing) if not method.walks else ""
    return FairpruneError(
        f"method {method.name} needs statistics of text: give --calibration{files}"
    )


def _check_pattern(method: Method, shapes: Shapes) -> None:
    if method.pattern == "unstructured":
        return
    run = int(method.pattern.split(":")[1])
    for block in shapes:
        for layer, (_, columns) in block.items():
            if columns % run:
                raise pattern_error(layer, columns, method.pattern)


def _shares(model: Model, checkpoint: Checkpoint) -> tuple[dict[str, Share], dict[str, Any]]:
    found = checkpoint.read_shares()
    if found is None:
        found = allocate(model)
        if model.method.allocation != "uniform":
            checkpoint.write_shares(*found)
    return found


def prune_blocks(
    blocks: Blocks,
    method: Method,
    shares: Mapping[str, Share],
    evidence: Evidence,
    ids: torch.Tensor | None,
    checkpoint: Checkpoint,
    stored: torch.dtype,
) -> None:
    """Prune every block that is not finished; on the way there the finished ones only run."""
    finished = checkpoint.finished
    if finished == len(blocks):
        return
    walk, wanted = Walk(blocks, ids) if method.walks else None, wanted_by(method)
    hidden = walk.embed() if walk else []
    for index, name in enumerate(tqdm(blocks.names, desc="prune", unit="block")):
        if index < finished and walk is None:
            continue
        with blocks.block(index) as block:
            layers = find_layers(name, block)
            if index < finished:
                _restore(layers, checkpoint.read_block(index))
            else:
                seen = walk and observe(walk, index, block, layers, hidden, wanted)[0]
                done = prune_block(layers, method, shares, evidence, seen, stored)
                checkpoint.write_block(index, done)
            if walk and index + 1 < len(blocks):
                hidden = walk.run(index, block, hidden)


def _restore(layers: Mapping[str, torch.nn.Linear], done: Mapping[str, Pruned]) -> None:
    for name, layer in layers.items():
        if done[name].weight is not None:
            layer.weight.copy_(done[name].weight)
        else:
            layer.weight.masked_fill_(done[name].mask.to(layer.weight.device), 0)
