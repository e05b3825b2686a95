"""A model that goes on from prompts, one batch at a time, padded on the left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fairprune.models.guards import UNGUARDED, Guards, guarded

if TYPE_CHECKING:
    import torch
    from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerBase


class Decoder:
    """A model with what decides where it ends."""

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        most: int,
        guards: Guards = UNGUARDED,
    ) -> None:
        """Of a model's own generation settings only the end tokens are kept.

        Args:
            model: a causal language model.
            tokenizer: its tokenizer.
            most: new tokens at most.
            guards: what is held against repetition.
        """
        declared = model.generation_config.eos_token_id
        ends = [tokenizer.eos_token_id, *(declared if isinstance(declared, list) else [declared])]
        known = model.get_input_embeddings().num_embeddings
        self.model, self.most, self.guards = model, most, guards
        self.ends = sorted({n for n in ends if isinstance(n, int) and 0 <= n < known})
        pad = tokenizer.pad_token_id  # masked, so that any token will do that the model knows
        self.pad = pad if pad is not None and pad < known else next(iter(self.ends), 0)
        self.configuration = _plain(
            max_new_tokens=most,
            min_new_tokens=guards.min_new_tokens or None,
            eos_token_id=self.ends or None,
            pad_token_id=self.pad,
            bos_token_id=tokenizer.bos_token_id,
        )

    def go_on(
        self,
        prompts: Sequence[Sequence[int]],
        each_step: Callable[[torch.Tensor], torch.Tensor],
        is_done: Callable[[list[list[int]]], list[bool]] | None = None,
    ) -> list[list[int]]:
        """What follows each prompt: token ids up to the end token, and whatever pads them.

        Args:
            prompts: token ids.
            each_step: gets the logits of a step after the guards, rows × vocabulary, and gives
                those of which the highest is taken.
            is_done: whether rows end here, from the new tokens of each so far.
        """
        import torch

        from fairprune.models.cache import empty_cache
        from fairprune.models.loading import resolve_device
        from fairprune.models.prefill import read_once

        device = self.model.get_input_embeddings().weight.device
        if device.type == "meta":  # offloaded; accelerate brings it to where it computes
            device = resolve_device()
        longest = max(map(len, prompts))
        ids = torch.full((len(prompts), longest), self.pad, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, longest - len(prompt) :] = torch.tensor(prompt)
            mask[row, longest - len(prompt) :] = 1
        ids, mask = ids.to(device), mask.to(device)
        with torch.inference_mode(), _settings(self.model, self.configuration):
            cache = empty_cache(self.model, longest + self.most)
            if cache is not None:
                read_once(self.model, cache, prompts, ids, mask)
            made = self.model.generate(
                input_ids=ids,
                attention_mask=mask,
                past_key_values=cache,
                generation_config=self.configuration,
                logits_processor=_processors(self.guards, longest, prompts, each_step),
                stopping_criteria=_criteria(is_done, longest) if is_done else None,
            )
        return made[:, longest:].tolist()

    def end(self, new: Sequence[int]) -> int | None:
        """Where the end token stands among new tokens, if it does."""
        return next((place for place, token in enumerate(new) if token in self.ends), None)


@contextmanager
def _settings(model: PreTrainedModel, configuration: GenerationConfig) -> Iterator[None]:
    """While open, they are the model's own: generate() fills what is not set from there.

    A repetition penalty, a temperature would come from it. Afterwards they are as they were, for
    other steps generate with the model, too.
    """
    own = model.generation_config
    try:
        model.generation_config = configuration
        yield
    finally:
        model.generation_config = own


def _plain(**tokens: object) -> GenerationConfig:
    from transformers import GenerationConfig

    return GenerationConfig(do_sample=False, num_beams=1, use_cache=True, **tokens)


def _processors(
    guards: Guards,
    longest: int,
    prompts: Sequence[Sequence[int]],
    each_step: Callable[[torch.Tensor], torch.Tensor],
) -> list[Any]:
    from transformers import LogitsProcessor, LogitsProcessorList

    padding, steps = [longest - len(prompt) for prompt in prompts], guards.steps()

    class EachStep(LogitsProcessor):
        def __call__(self, input_ids: torch.LongTensor, scores: torch.Tensor) -> torch.Tensor:
            return each_step(guarded(steps, input_ids, padding, scores))

    return LogitsProcessorList([EachStep()])


def _criteria(is_done: Callable[[list[list[int]]], list[bool]], prompt: int) -> list[Any]:
    import torch
    from transformers import StoppingCriteria, StoppingCriteriaList

    class Done(StoppingCriteria):
        def __call__(
            self, input_ids: torch.LongTensor, scores: torch.Tensor, **_: object
        ) -> torch.Tensor:
            done = is_done(input_ids[:, prompt:].tolist())
            return torch.tensor(done, device=input_ids.device)

    return StoppingCriteriaList([Done()])
