"""What keeps a model from saying the same again: penalties on the logits of a step.

The definitions are transformers' own (`generate`): both look at the prompt, too. Rows are looked at
without what pads them, so that a summary is the same whatever batch it is made in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import LogitsProcessor


@dataclass(frozen=True)
class Guards:
    """What is held against repetition.

    Attributes:
        repetition_penalty: logits of tokens that stand there already are divided by it, or
            multiplied where they are below 0 (Keskar et al. 2019, arXiv:1909.05858); 1: none.
        no_repeat_ngram_size: no run of so many tokens occurs twice; 0: any may.
        min_new_tokens: the end token has no chance before so many.
    """

    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    min_new_tokens: int = 0

    def steps(self) -> list[LogitsProcessor]:
        """The penalties, in transformers' order; none where none is asked for."""
        from transformers import NoRepeatNGramLogitsProcessor, RepetitionPenaltyLogitsProcessor

        found: list[LogitsProcessor] = []
        if self.repetition_penalty != 1:
            found.append(RepetitionPenaltyLogitsProcessor(self.repetition_penalty))
        if self.no_repeat_ngram_size:
            found.append(NoRepeatNGramLogitsProcessor(self.no_repeat_ngram_size))
        return found


def guarded(
    steps: Sequence[LogitsProcessor],
    ids: torch.Tensor,
    padding: Sequence[int],
    logits: torch.Tensor,
) -> torch.Tensor:
    """The logits of a step after penalties, each row by its own text.

    Args:
        steps: from `Guards.steps`.
        ids: prompts and what follows so far, rows × tokens, padded on the left.
        padding: how many tokens pad each row.
        logits: rows × vocabulary.
    """
    import torch

    if not steps:
        return logits
    rows = []
    for number, pads in enumerate(padding):
        row, text = logits[number : number + 1], ids[number : number + 1, pads:]
        for step in steps:
            row = step(text, row)
        rows.append(row)
    return torch.cat(rows)


UNGUARDED = Guards()
