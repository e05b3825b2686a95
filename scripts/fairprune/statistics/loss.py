"""The loss of one calibration sample, and its gradient where the last block ends."""

from __future__ import annotations

from typing import Literal

import torch

from fairprune.models.walk import Batches, Walk

Loss = Literal["full", "last_token"]
CHUNK_BYTES = {"cpu": 2**25, "cuda": 2**28}  # what stays in a processor's cache; what fills a GPU
LEAST_ROWS = 16  # a product of fewer sums the whole vocabulary one after the other, losing digits


def head_gradients(
    walk: Walk, hidden: Batches, loss: Loss, scale: float
) -> tuple[Batches, torch.Tensor]:
    """Gradients of each sample's own loss with respect to what the last block gave.

    Args:
        walk: the samples' walk.
        hidden: the last block's outputs.
        loss: `full` or `last_token`.
        scale: what the gradients, not the losses, are multiplied by.

    Returns:
        One gradient a batch, samples × tokens × hidden, and each sample's loss, float32.
    """
    gradients, losses = [], []
    with walk.blocks.outside():
        for number, x in enumerate(walk.staged(hidden)):
            gradient, each = head_gradient(walk, number, x, loss, scale)
            gradients.append(walk.keep(gradient))
            losses.append(each)
    return gradients, torch.cat(losses)


def head_gradient(
    walk: Walk, number: int, x: torch.Tensor, loss: Loss, scale: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The same of one batch; `walk.blocks.outside()` must be open.

    The loss is the mean cross-entropy of the next token: over all tokens of the sample
    (`full`, as a model computes it from `labels=input_ids`), or of its last token alone
    (`last_token`, all other labels masked). The logits are made for a stretch of tokens at a
    time: those of all tokens and the whole vocabulary are never held.
    """
    labels = walk.input_ids[number].to(x.device)
    last = x.shape[1] - 1
    first = last - 1 if loss == "last_token" else 0
    stretch = max(1, CHUNK_BYTES[x.device.type] // (4 * walk.vocabulary * x.shape[0]))
    gradient = torch.zeros_like(x)
    total = torch.zeros(x.shape[0], device=x.device)
    for start in range(first, last, stretch):
        stop = min(start + stretch, last)
        begin = max(0, min(start, stop - LEAST_ROWS))
        before = start - begin
        with torch.enable_grad():
            part = x[:, begin:stop].detach().requires_grad_()
            logits = walk.logits(part)
        each, towards = cross_entropy(logits.detach().float(), labels[:, begin + 1 : stop + 1])
        towards[:, :before] = 0.0
        towards *= scale / (last - first)
        (found,) = torch.autograd.grad(logits, part, towards.to(logits.dtype))
        gradient[:, start:stop] = found[:, before:]
        total += each[:, before:].sum(1) / (last - first)
    return gradient, total


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Each token's `-log p(label)`, and its gradient `p - [label]` with respect to the logits.

    Args:
        logits: … × vocabulary, float32.
        labels: …, int64.
    """
    # The vocabulary must lie last: sums over a strided axis lose digits.
    found = logits.contiguous().log_softmax(-1)
    each = found.flatten(0, -2)
    label = torch.arange(len(each), device=each.device), labels.flatten()
    losses = -each[label]
    each.exp_()[label] -= 1.0
    return losses.view_as(labels), found
