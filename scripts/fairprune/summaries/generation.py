"""Greedy summaries of one batch of prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fairprune.models.decoding import Decoder

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from fairprune.summaries.requests import Request


class Generator:
    """A model with everything that decides what it writes."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        max_new_tokens: int,
        stop: Sequence[str] = (),
    ) -> None:
        """Take over a model; see `Decoder`.

        Args:
            model: a causal language model.
            tokenizer: its tokenizer.
            max_new_tokens: tokens a summary has at most.
            stop: texts at which a summary ends; they do not belong to it.
        """
        self.decoder = Decoder(model, tokenizer, max_new_tokens)
        self.tokenizer, self.stop = tokenizer, stop
        self.tokens = 0  # that summaries were made of, so far

    def generate(self, batch: Sequence[Request]) -> list[dict]:
        """The rows of a batch: `id, summary, prompt_tokens, opinions_seen, finish, margin`.

        `finish` is `stop` where the model ended the summary or wrote a stop text, and `length`
        where `max_new_tokens` did. `margin` is the least difference between the logits of the
        best and the second token at any step: rounding, which depends on the batch's shape,
        can only change a summary where it is about as small as that.
        """
        import torch

        margins: list[torch.Tensor] = []

        def watched(logits: torch.Tensor) -> torch.Tensor:
            best = logits.float().topk(2, dim=-1).values
            margins.append((best[:, 0] - best[:, 1]).nan_to_num(nan=0.0).cpu())
            return logits

        prompts = [request.ids for request in batch]
        made = self.decoder.go_on(prompts, watched, self._stopped if self.stop else None)
        steps = torch.stack(margins, dim=1).tolist()
        return [self._row(*row) for row in zip(batch, made, steps, strict=True)]

    def _row(self, request: Request, new: list[int], margins: list[float]) -> dict:
        end = self.decoder.end(new)
        finish = "length" if end is None else "stop"
        self.tokens += len(new) if end is None else end + 1
        text = self._decode(new[:end])
        cuts = [place for stop in self.stop if (place := text.find(stop)) >= 0]
        if cuts:
            text, finish = text[: min(cuts)], "stop"
        return {
            "id": request.id,
            "summary": text.strip(),
            "prompt_tokens": len(request.ids),
            "opinions_seen": request.opinions_seen,
            "finish": finish,
            "margin": min(margins if end is None else margins[: end + 1]),
        }

    def _stopped(self, rows: list[list[int]]) -> list[bool]:
        """Whether a row's text holds a stop text."""
        return [any(stop in self._decode(row) for stop in self.stop) for row in rows]

    def _decode(self, ids: list[int]) -> str:
        return self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
