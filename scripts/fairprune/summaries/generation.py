"""Greedy generation for one batch of prompts, padded on the left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase

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
        """Take over a model: of its own generation settings only the end tokens are kept.

        Args:
            model: a causal language model.
            tokenizer: its tokenizer.
            max_new_tokens: tokens a summary has at most.
            stop: texts at which a summary ends; they do not belong to it.
        """
        declared = model.generation_config.eos_token_id
        ends = [tokenizer.eos_token_id, *(declared if isinstance(declared, list) else [declared])]
        known = model.get_input_embeddings().num_embeddings
        self.model, self.tokenizer, self.stop = model, tokenizer, stop
        self.tokens = 0  # that summaries were made of, so far
        self.ends = sorted({n for n in ends if isinstance(n, int) and 0 <= n < known})
        pad = tokenizer.pad_token_id  # masked, so that any token will do that the model knows
        self.pad = pad if pad is not None and pad < known else next(iter(self.ends), 0)
        self.configuration = _greedy(max_new_tokens, self.ends, self.pad, tokenizer.bos_token_id)
        # generate() fills what is not set from here (a repetition penalty, a temperature)
        model.generation_config = self.configuration

    def generate(self, batch: Sequence[Request]) -> list[dict]:
        """The rows of a batch: `id, summary, prompt_tokens, opinions_seen, finish, margin`.

        `finish` is `stop` where the model ended the summary or wrote a stop text, and `length`
        where `max_new_tokens` did. `margin` is the least difference between the logits of the
        best and the second token at any step: rounding, which depends on the batch's shape,
        can only change a summary where it is about as small as that.
        """
        import torch

        from fairprune.models.loading import resolve_device

        device = self.model.get_input_embeddings().weight.device
        if device.type == "meta":  # offloaded; accelerate brings it to where it computes
            device = resolve_device()
        longest = max(len(request.ids) for request in batch)
        ids = torch.full((len(batch), longest), self.pad, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, request in enumerate(batch):
            ids[row, longest - len(request.ids) :] = torch.tensor(request.ids)
            mask[row, longest - len(request.ids) :] = 1
        margins: list[torch.Tensor] = []
        with torch.inference_mode():
            made = self.model.generate(
                input_ids=ids.to(device),
                attention_mask=mask.to(device),
                generation_config=self.configuration,
                logits_processor=_watch(margins),
                stopping_criteria=self._stopping(longest) if self.stop else None,
            )
        steps = torch.stack(margins, dim=1).tolist()
        rows = zip(batch, made[:, longest:].tolist(), steps, strict=True)
        return [self._row(*row) for row in rows]

    def _row(self, request: Request, new: list[int], margins: list[float]) -> dict:
        ends = [place for place, token in enumerate(new) if token in self.ends]
        finish = "stop" if ends else "length"
        self.tokens += ends[0] + 1 if ends else len(new)
        text = self._decode(new[: ends[0]] if ends else new)
        cuts = [place for stop in self.stop if (place := text.find(stop)) >= 0]
        if cuts:
            text, finish = text[: min(cuts)], "stop"
        return {
            "id": request.id,
            "summary": text.strip(),
            "prompt_tokens": len(request.ids),
            "opinions_seen": request.opinions_seen,
            "finish": finish,
            "margin": min(margins[: ends[0] + 1] if ends else margins),
        }

    def _decode(self, ids: list[int]) -> str:
        return self.tokenizer.decode(
            ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def _stopping(self, prompt: int) -> list:
        """Ends a row as soon as its text holds a stop text."""
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList

        generator = self

        class StopTexts(StoppingCriteria):
            def __call__(
                self, input_ids: torch.LongTensor, scores: torch.Tensor, **_: object
            ) -> torch.BoolTensor:
                texts = [generator._decode(row) for row in input_ids[:, prompt:].tolist()]
                done = [any(stop in text for stop in generator.stop) for text in texts]
                return torch.tensor(done, device=input_ids.device)

        return StoppingCriteriaList([StopTexts()])


def _greedy(new: int, ends: list[int], pad: int, begin: int | None) -> GenerationConfig:
    from transformers import GenerationConfig

    return GenerationConfig(
        do_sample=False,
        num_beams=1,
        use_cache=True,
        max_new_tokens=new,
        eos_token_id=ends or None,
        pad_token_id=pad,
        bos_token_id=begin,
    )


def _watch(margins: list[torch.Tensor]) -> list:
    """Notes, at every step, by how much the best token of each row leads."""
    from transformers import LogitsProcessor, LogitsProcessorList

    class Watch(LogitsProcessor):
        def __call__(self, input_ids: torch.LongTensor, scores: torch.Tensor) -> torch.Tensor:
            best = scores.float().topk(2, dim=-1).values
            margins.append((best[:, 0] - best[:, 1]).nan_to_num(nan=0.0).cpu())
            return scores

    return LogitsProcessorList([Watch()])
