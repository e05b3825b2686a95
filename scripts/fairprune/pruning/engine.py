"""Prune a model block after block, and write what was done."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from fairprune.errors import FairpruneError
from fairprune.io.cards import digest_of
from fairprune.models.blocks import Blocks, open_blocks
from fairprune.models.layout import find_layers
from fairprune.models.loading import load_config, resolve_dtype
from fairprune.models.walk import Walk
from fairprune.pruning.allocate import Model, allocate
from fairprune.pruning.block import Pruned, Share, prune_block
from fairprune.pruning.checkpoint import Checkpoint
from fairprune.pruning.inputs import block_shapes, measure_missing, read_evidence
from fairprune.pruning.method import Method
from fairprune.pruning.select import pattern_error
from fairprune.pruning.statistics import Evidence, observe
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
) -> Path:
    """Prune the model in a folder.

    Args:
        model: folder of a Hugging Face model.
        method: what `resolve` gave, with a sparsity.
        output: the pruned folder to make.
        calibration: token ids; needed unless all statistics are given or none are used.
        activations: dense activation norms; measured from `calibration` if wanted and absent.
        gradients: gradient norms; measured likewise.
        seed: root seed, where the method is seeded.
        device: see `resolve_device`.
        dtype: see `resolve_dtype`; statistics and scores are float32 whatever it is.

    Returns:
        `output`: mask, rewritten weights if any, and the card, which is written last.

    Raises:
        FairpruneError: an input that is missing or does not fit, named.
    """
    given = {
        "model": model,
        "calibration": calibration if _reads_text(method, activations, gradients) else None,
        "activations": activations if method.dense_activations else None,
        "gradients": gradients if method.gradient_norms else None,
    }
    _check_given(method, given)
    config = load_config(model)
    ids = None
    if given["calibration"]:
        ids = read_calibration(given["calibration"], config)
    blocks = open_blocks(model, device, dtype)
    shapes = block_shapes(blocks)
    _check_pattern(method, shapes)
    read_evidence(method, given, shapes, seed)  # a file that does not fit is refused first
    job = {
        **method.parameters(),
        "seed": seed if method.seeded else None,
        "dtype": dtype,
        "device": blocks.device.type,
        "inputs": {name: digest_of(path) for name, path in given.items() if path},
    }
    checkpoint = Checkpoint(output, job | {"torch": torch.__version__})
    measured = measure_missing(method, given, checkpoint.folder, device, dtype)
    evidence = read_evidence(method, given | measured, shapes, seed)
    shares, figures = _shares(method, blocks, shapes, evidence, ids, checkpoint)
    stored = resolve_dtype("auto", torch.device("meta"), config)
    _prune_blocks(method, blocks, shares, evidence, ids, checkpoint, stored)
    write_pruned(output, checkpoint, len(blocks), job, given, figures)
    checkpoint.remove()
    return output


def _reads_text(method: Method, activations: Path | None, gradients: Path | None) -> bool:
    missing = (method.dense_activations and not activations) or (
        method.gradient_norms and not gradients
    )
    return bool(method.walks or missing)


def _check_given(method: Method, given: Mapping[str, Path | None]) -> None:
    if method.sparsity is None:
        raise FairpruneError(f"method {method.name} needs --sparsity, or an N:M --pattern")
    if given["calibration"] is None and _reads_text(
        method, given["activations"], given["gradients"]
    ):
        wanted = ["--calibration"]
        if not method.walks:
            wanted += ["--activations"] * (method.dense_activations and not given["activations"])
            wanted += ["--gradients"] * (bool(method.gradient_norms) and not given["gradients"])
        raise FairpruneError(
            f"method {method.name} needs statistics of calibration text: give {' or '.join(wanted)}"
        )


def _check_pattern(method: Method, blocks: list[dict[str, tuple[int, int]]]) -> None:
    if method.pattern == "unstructured":
        return
    run = int(method.pattern.split(":")[1])
    for block in blocks:
        for layer, (_, columns) in block.items():
            if columns % run:
                raise pattern_error(layer, columns, method.pattern)


def _shares(
    method: Method,
    blocks: Blocks,
    shapes: list[dict[str, tuple[int, int]]],
    evidence: Evidence,
    ids: torch.Tensor | None,
    checkpoint: Checkpoint,
) -> tuple[dict[str, Share], dict[str, Any]]:
    found = checkpoint.read_shares()
    if found is None:
        found = allocate(Model(shapes, blocks, method, evidence, ids))
        if method.allocation != "uniform":
            checkpoint.write_shares(*found)
            found = checkpoint.read_shares()
    return found


def _prune_blocks(
    method: Method,
    blocks: Blocks,
    shares: Mapping[str, Share],
    evidence: Evidence,
    ids: torch.Tensor | None,
    checkpoint: Checkpoint,
    stored: torch.dtype,
) -> None:
    finished = checkpoint.finished
    if finished == len(blocks):
        return
    walk = Walk(blocks, ids) if method.walks else None
    hidden = walk.embed() if walk else None
    for index, name in enumerate(tqdm(blocks.names, desc="prune", unit="block", file=sys.stderr)):
        if walk is None and index < finished:
            continue
        with blocks.block(index) as block:
            layers = find_layers(name, block)
            if index < finished:
                _restore(layers, checkpoint.read_block(index))
            else:
                seen = None
                if walk:
                    seen, _ = observe(walk, index, block, layers, hidden, method.needs)
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
