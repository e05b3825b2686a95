"""Summaries of one batch of prompts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from fairprune.io.hashing import derive_seed
from fairprune.models.decoding import Decoder
from fairprune.models.sampling import Sampling, draw, in_turn, only, random_numbers

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from fairprune.summaries.requests import Request
    from fairprune.summaries.settings import Settings

Step = Callable[["torch.Tensor"], "torch.Tensor"]


class Generator:
    """A model with everything that decides what it writes."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        max_new_tokens: int,
        settings: Settings,
        *,
        stop: Sequence[str] = (),
        seed: int = 42,
    ) -> None:
        """Of a model that is loaded; see `Decoder`.

        Args:
            model: a causal language model.
            tokenizer: its tokenizer.
            max_new_tokens: tokens a summary has at most.
            settings: how tokens are chosen.
            stop: texts at which a summary ends; they do not belong to it.
            seed: root seed; a summary's random numbers depend on it, its input and its sample.
        """
        self.decoder = Decoder(model, tokenizer, max_new_tokens, settings.guards)
        self.tokenizer, self.sampling, self.stop = tokenizer, settings.sampling, stop
        self.seed = seed
        self.tokens = 0  # that summaries were made of, so far

    def generate(self, batch: Sequence[Request]) -> list[dict[str, Any]]:
        """Rows of a batch: `id, sample, summary, prompt_tokens, opinions_seen, finish, margin`.

        `finish` is `stop` where the model ended the summary or wrote a stop text, and `length`
        where `max_new_tokens` did. `margin` is the least difference between the logits of the
        best and the second token at any step that the summary was made in: rounding, which depends
        on the batch's shape, can only change a summary where it is about as small as that. None
        where tokens are drawn.
        """
        import torch

        margins: list[torch.Tensor] = []
        used = [self.decoder.most] * len(batch)

        def stopped(rows: list[list[int]]) -> list[bool]:
            for number, row in enumerate(rows):
                if len(row) < used[number] and self._holds_stop(row):
                    used[number] = len(row)
            return [used[number] <= len(row) for number, row in enumerate(rows)]

        made = self.decoder.go_on(
            [request.ids for request in batch],
            _drawn(self.sampling, self._numbers(batch)) if self.sampling else _watched(margins),
            stopped if self.stop else None,
        )
        steps = torch.stack(margins, dim=1).tolist() if margins else [None] * len(batch)
        return [self._row(*row) for row in zip(batch, made, used, steps, strict=True)]

    def _numbers(self, batch: Sequence[Request]) -> torch.Tensor:
        seeds = [derive_seed(self.seed, "summary", *request.key) for request in batch]
        return random_numbers(seeds, self.decoder.most)

    def _row(
        self, request: Request, new: list[int], used: int, margins: list[float] | None
    ) -> dict[str, Any]:
        end = self.decoder.end(new[:used])
        finish = "length" if end is None else "stop"
        used = len(new[:used]) if end is None else end + 1
        self.tokens += used
        text = self._decode(new[:used] if end is None else new[:end])
        cuts = [place for stop in self.stop if (place := text.find(stop)) >= 0]
        if cuts:
            text, finish = text[: min(cuts)], "stop"
        return {
            "id": request.id,
            "sample": request.sample,
            "summary": text.strip(),
            "prompt_tokens": len(request.ids),
            "opinions_seen": request.opinions_seen,
            "finish": finish,
            "margin": None if margins is None else min(margins[:used]),
        }

    def _holds_stop(self, ids: list[int]) -> bool:
        end = self.decoder.end(ids)
        text = self._decode(ids[:end])
        return any(stop in text for stop in self.stop)

    def _decode(self, ids: list[int]) -> str:
        return self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )


def _watched(margins: list[torch.Tensor]) -> Step:
    """The logits as they are; each step's margins are noted, one a row."""

    def step(logits: torch.Tensor) -> torch.Tensor:
        best = logits.float().topk(2, dim=-1).values
        margins.append((best[:, 0] - best[:, 1]).nan_to_num(nan=0.0))  # one copy a batch
        return logits

    return step


def _drawn(sampling: Sampling, numbers: torch.Tensor) -> Step:
    """Logits of which the highest is a token drawn by a row's numbers, rows × steps, in turn."""
    following = in_turn(numbers)

    def step(logits: torch.Tensor) -> torch.Tensor:
        return only(logits, draw(logits, following(logits.device), sampling))

    return step
