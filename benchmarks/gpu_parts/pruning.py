"""One block pruned by Wanda and SparseGPT, one long selection, NeuroAL: beside the plain ways."""

from unittest.mock import patch

import neuroal
import sparsegpt
import torch
import wanda
from gpu_parts.row import dtype_on, row, timed
from measure import random_ids, random_model

from fairprune.models.blocks import Blocks
from fairprune.models.walk import Walk
from fairprune.pruning.partition import kth_lowest
from fairprune.pruning.sparsegpt import kernel_on

NEUROAL_TOKENS = 128


def rows(options):
    """How many times as long the plain way takes, a method each."""
    return [*_methods(options), *_selection(options), *_neuroal(options)]


def _methods(options):
    ids = random_ids(options.shape, options.samples, options.tokens)
    model = random_model(options.shape, dtype_on(options.device), options.device, 1)
    found = []
    ours, peak = timed(lambda: wanda.ours(model, ids))
    plain, _ = timed(lambda: wanda.one_by_one(model, ids))
    found.append(row("Wanda, a block", ours, peak=peak))
    found.append(row("Wanda: one sample at a time, against ours", plain / ours, "×", least=4))
    walk = Walk(Blocks(model), ids)
    hidden = walk.embed()
    ours, peak = timed(lambda: sparsegpt.ours(walk, hidden))
    plain, _ = timed(lambda: sparsegpt.plain(walk, hidden))
    with patch("fairprune.pruning.sparsegpt.kernel_on", lambda *_: None):
        without, _ = timed(lambda: sparsegpt.ours(walk, hidden))
    works = walk.device.type == "cuda" and kernel_on(walk.device, 0, 0) is not None
    found.append(row("SparseGPT: Triton's kernel works here", float(works), "of 1", least=1))
    found.append(row("SparseGPT, a block", ours, peak=peak))
    found.append(row("SparseGPT: without the kernel, against ours", without / ours, "×"))
    found.append(row("SparseGPT: the plain way, against ours", plain / ours, "×", least=4))
    return found


def _selection(options):
    """The k-th of one long row, which a layer's group asks for."""
    shape = random_model(options.shape, depth=1, device="meta").model.layers[0].mlp.up_proj.weight
    scores = torch.rand(1, shape.numel(), device=options.device)
    ours, peak = timed(lambda: kth_lowest(scores, shape.numel() // 2))
    plain, _ = timed(lambda: scores.kthvalue(shape.numel() // 2, dim=1))
    return [
        row("one layer's threshold", ours, peak=peak),
        row("one layer's threshold: kthvalue, against ours", plain / ours, "×", least=4),
    ]


def _neuroal(options):
    ids = random_ids(options.shape, 8, NEUROAL_TOKENS)
    took = {}
    for kind in (neuroal.neuroal.Search, neuroal.Alone):
        model = random_model(options.shape, dtype_on(options.device), options.device, 2)
        took[kind], peak = timed(lambda m=model, k=kind: neuroal.search(m, ids, k), warm=False)
        del model
    ours, plain = took.values()
    return [
        row("NeuroAL, two blocks", ours),
        row("NeuroAL: each candidate alone, against ours", plain / ours, "×", least=4, peak=peak),
    ]
