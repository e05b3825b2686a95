"""Tokens drawn from logits: at a temperature, among the likeliest that make up a share of p.

Pure functions. What is drawn for a row depends on its own logits and its own random number, so that
it is the same however rows are put into batches, but for rounding: a number at the border of two
tokens, which lie close among the unlikely ones, may draw the other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError

if TYPE_CHECKING:
    import torch

HOTTEST = 100.0


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn.

    Attributes:
        temperature: logits are divided by it.
        top_p: only the fewest tokens are drawn, the likeliest ones, that have this share of the
            probability together (nucleus sampling, Holtzman et al., ICLR 2020).
        top_k: before that, only so many of the likeliest; None: all.

    Raises:
        FairpruneError: a value out of range.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int | None = None

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 0 < self.temperature <= HOTTEST:
            raise FairpruneError(
                f"temperature {self.temperature:g}: above 0 is expected, and at most {HOTTEST:g}"
            )
        if not 0 < self.top_p <= 1:
            raise FairpruneError(f"top-p {self.top_p:g}: a share above 0 is expected, at most 1")
        if self.top_k is not None and self.top_k < 1:
            raise FairpruneError(f"top-k {self.top_k}: at least 1 token is expected")


def random_numbers(seeds: Sequence[int], count: int) -> torch.Tensor:
    """`count` numbers within [0, 1) a seed, by it alone: seeds × count, float64."""
    import torch

    rows = [
        torch.rand(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        for seed in seeds
    ]
    return torch.stack(rows)


def in_turn(numbers: torch.Tensor) -> Callable[[torch.device], torch.Tensor]:
    """Gives a column of `numbers`, rows × steps, after the other, sent to a device once."""
    columns: Iterator[torch.Tensor] | None = None

    def following(device: torch.device) -> torch.Tensor:
        nonlocal columns
        columns = columns or iter(numbers.to(device).unbind(dim=1))
        return next(columns)

    return following


def distribution(logits: torch.Tensor, sampling: Sampling) -> tuple[torch.Tensor, torch.Tensor]:
    """What tokens are drawn by, the likeliest first; of equal logits the lower token comes first.

    Args:
        logits: rows × vocabulary. NaN is taken for the lowest there are.
        sampling: how to draw.

    Returns:
        Tokens, rows × k, and their probabilities, float64, which add up to 1 and are 0 outside the
        share of p; where the logits are.
    """
    finite = logits.float().nan_to_num(nan=-3e38, posinf=3e38, neginf=-3e38)
    ordered, tokens = finite.sort(dim=-1, descending=True, stable=True)
    if sampling.top_k is not None:
        ordered, tokens = ordered[:, : sampling.top_k], tokens[:, : sampling.top_k]
    below = (ordered - ordered[:, :1]).double()  # near 0, a temperature makes no infinity
    found = (below / sampling.temperature).softmax(dim=-1)
    before = found.cumsum(dim=-1) - found
    kept = found.masked_fill(before >= sampling.top_p, 0)
    return tokens, kept / kept.sum(dim=-1, keepdim=True)


def draw(logits: torch.Tensor, at: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    """A token for each row: where the row's cumulative distribution exceeds its number.

    Args:
        logits: rows × vocabulary.
        at: a number within [0, 1) for each row, float64, where the logits are; see
            `random_numbers`.
        sampling: how to draw.

    Returns:
        Tokens, one a row, there too.
    """
    import torch

    tokens, found = distribution(logits, sampling)
    places = torch.searchsorted(found.cumsum(dim=-1), at[:, None].contiguous(), right=True)
    last = (found > 0).sum(dim=-1, keepdim=True) - 1  # rounding may leave the sum below the number
    return tokens.gather(1, torch.minimum(places, last))[:, 0]


def only(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    """Logits of which the highest is a given token.

    Args:
        logits: rows × vocabulary.
        tokens: one a row.
    """
    import torch

    return torch.full_like(logits, -torch.inf).scatter_(1, tokens[:, None], 0)
