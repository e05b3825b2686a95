"""What a model writes after given tokens, and which of that it finds likely itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError
from fairprune.models.sampling import Sampling, draw, in_turn, only, random_numbers

if TYPE_CHECKING:
    import torch

    from fairprune.models.decoding import Decoder

KEPT = 0.8  # of the continuations, the likeliest


@dataclass(frozen=True)
class Continuation:
    """A text that a model has written: its token ids, prefix included.

    `perplexity` is that of the new tokens, the end token apart; None where there are none.
    """

    ids: list[int]
    perplexity: float | None


def continued(
    decoder: Decoder,
    prompts: Sequence[Sequence[int]],
    seeds: Sequence[int],
    sampling: Sampling,
) -> list[Continuation]:
    """What a model writes after each prompt, by each one's own seed.

    Raises:
        FairpruneError: the model's logits are no numbers.
    """
    import torch

    following = in_turn(random_numbers(seeds, decoder.most))
    losses: list[torch.Tensor] = []

    def drawn(logits: torch.Tensor) -> torch.Tensor:
        tokens = draw(logits, following(logits.device), sampling)
        losses.append(-logits.float().log_softmax(dim=-1).gather(1, tokens[:, None])[:, 0])
        return only(logits, tokens)

    found = decoder.go_on(prompts, drawn)
    by_row = torch.stack(losses, dim=1).cpu().double()
    texts = []
    for prompt, new, row in zip(prompts, found, by_row, strict=True):
        tokens = new[: decoder.end(new)]
        perplexity = _perplexity(row[: len(tokens)].mean().item()) if tokens else None
        texts.append(Continuation([*prompt, *tokens], perplexity))
    return texts


def _perplexity(loss: float) -> float:
    if not loss < 700:  # NaN too
        raise FairpruneError(
            "the model gives its own words no probability that is a number: give --dtype float32"
        )
    return math.exp(loss)


def likeliest(texts: Sequence[Continuation]) -> tuple[list[list[int]], float]:
    """The texts of a perplexity not above the 80th percentile, in order, and that percentile.

    Texts to which the model has added nothing are left out.

    Args:
        texts: of which some have a perplexity.
    """
    import numpy as np

    found = [text.perplexity for text in texts if text.perplexity is not None]
    threshold = float(np.percentile(found, 100 * KEPT))
    kept = [t.ids for t in texts if t.perplexity is not None and t.perplexity <= threshold]
    return kept, threshold
