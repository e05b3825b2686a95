"""Windows that a corpus is cut into, and the token that each begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError, unknown

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

EVERY, FIRST, NONE = "every", "first", "none"
WAYS = (EVERY, FIRST)


@dataclass(frozen=True)
class Windows:
    """Token ids, (windows, window), and which windows begin with the beginning token.

    `beginning`: every, first (the first alone, as published), or none (the tokenizer puts none).
    """

    ids: torch.Tensor
    beginning: str


def check_way(way: str) -> None:
    """Raise a FairpruneError for another way than every or first."""
    if way not in WAYS:
        raise unknown("beginning", way, WAYS, " as --beginning")


def window_length(asked: int, context: int | None) -> int:
    """The window that is used: what was asked for, lowered to the model's context.

    Raises:
        FairpruneError: fewer than 2 tokens, which leaves nothing to predict.
    """
    if asked < 2:
        raise FairpruneError(f"--window {asked}: a window needs at least 2 tokens")
    return min(asked, context) if context else asked


def beginning_token(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The beginning token, where the tokenizer puts it in front of a text by itself; else None."""
    begin = tokenizer.bos_token_id
    return begin if begin is not None and tokenizer("a")["input_ids"][:1] == [begin] else None


def cut(ids: torch.Tensor, window: int, begin: int | None = None, way: str = FIRST) -> Windows:
    """Cut the token ids of a whole corpus, (tokens,), into windows; the remainder is dropped.

    The way `every` puts the beginning token in front of each `window - 1` tokens of the text, so
    that no window starts in the middle of nowhere: some models (Gemma) are lost without it. The
    way `first` cuts the ids as they stand, so that the first window alone has it, as in Frantar et
    al. (arXiv:2210.17323) and Sun et al. (arXiv:2306.11695). A corpus shorter than the window
    becomes one shorter window, and is the same in both ways.

    Args:
        ids: with what the tokenizer puts in front of a text.
        window: tokens a window, the beginning token included.
        begin: what `beginning_token` gave; None: windows are cut as the ids stand.
        way: every, or first.

    Raises:
        FairpruneError: fewer than 2 tokens.
    """
    if ids.numel() < 2:
        raise FairpruneError("a corpus of fewer than 2 tokens has no next token to predict")
    window = min(window, ids.numel())
    if begin is None or way == FIRST:
        return Windows(_rows(ids, window), NONE if begin is None else FIRST)
    rows = _rows(ids[1:], window - 1)
    return Windows(_with_front(rows, begin), EVERY)


def _rows(ids: torch.Tensor, length: int) -> torch.Tensor:
    count = ids.numel() // length
    return ids[: count * length].view(count, length)


def _with_front(rows: torch.Tensor, token: int) -> torch.Tensor:
    import torch

    return torch.cat([rows.new_full((len(rows), 1), token), rows], dim=1)
