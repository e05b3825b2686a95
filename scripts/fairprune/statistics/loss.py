"""The loss of one calibration sample, and its gradient where the last block ends."""

from __future__ import annotations

from typing import Literal

import torch
from torch.nn.functional import cross_entropy

from fairprune.models.walk import Batches, Walk

Loss = Literal["full", "last_token"]
CHUNK_BYTES = 2**28
LEAST_ROWS = 16  # a product of fewer sums the whole vocabulary one after the other, losing digits


def head_gradients(
    walk: Walk, hidden: Batches, loss: Loss, scale: float
) -> tuple[Batches, torch.Tensor]:
    """Gradients of each sample's own loss with respect to what the last block gave.

    The loss is the mean cross-entropy of the next token: over all tokens of the sample
    (`full`, as a model computes it from `labels=input_ids`), or of its last token alone
    (`last_token`, all other labels masked). The logits are made for a stretch of tokens at a
    time: those of all tokens and the whole vocabulary are never held.

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
            labels = walk.input_ids[number].to(x.device)
            last = x.shape[1] - 1
            first = last - 1 if loss == "last_token" else 0
            stretch = max(1, CHUNK_BYTES // (4 * walk.vocabulary * x.shape[0]))
            gradient = torch.zeros_like(x)
            total = torch.zeros(x.shape[0], device=x.device)
            for start in range(first, last, stretch):
                stop = min(start + stretch, last)
                begin = max(0, min(start, stop - LEAST_ROWS))
                wanted = labels[:, start + 1 : stop + 1]
                with torch.enable_grad():
                    part = x[:, begin:stop].detach().requires_grad_()
                    logits = walk.logits(part)[:, start - begin :].float()
                    # The vocabulary must lie last: sums over a strided axis lose digits.
                    each = cross_entropy(
                        logits.flatten(0, 1), wanted.flatten(), reduction="none"
                    ).view_as(wanted)
                    each = each.sum(1) / (last - first)
                    (found,) = torch.autograd.grad(each.sum() * scale, part)
                gradient[:, start:stop] = found[:, start - begin :]
                total += each.detach()
            gradients.append(walk.keep(gradient))
            losses.append(total)
    return gradients, torch.cat(losses)
