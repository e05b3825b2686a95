"""What is asked of a model: each input's prompt, as tokens that fit its context."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fairprune.data.opinions import Opinions
from fairprune.data.prompts import Prompt, check_ids, fit
from fairprune.data.styles import Style
from fairprune.errors import FairpruneError
from fairprune.io.apart import apart
from fairprune.models.context import context_length

FITTING = 10  # times that a prompt may be made until it fits the context


@dataclass(frozen=True)
class Request:
    """One summary of an input: its id, its prompt's token ids, how many opinions those hold.

    `sample`: which of the input's summaries it is.
    """

    id: str
    ids: list[int]
    opinions_seen: int
    sample: int = 0

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from the task's others."""
        return self.id, self.sample


def make_requests(
    task: str,
    inputs: Sequence[Opinions],
    prompt: Prompt,
    style: Style,
    tokenizer: Any,
    config: Any,
    max_new_tokens: int,
    samples: int = 1,
) -> list[Request]:
    """Requests for each input, in order, with room for the summary in the model's context.

    Args:
        task: name of the task, for messages.
        inputs: its inputs.
        prompt, style: what the opinions stand under, and how that is put to the model.
        tokenizer, config: the model's.
        max_new_tokens: tokens a summary has at most.
        samples: requests an input.

    Raises:
        FairpruneError: an input of which not even the first opinion fits; or a tokenizer or chat
            template that does not come to an end with one.
    """
    context = context_length(config)
    room = None if context is None else context - max_new_tokens

    def made() -> list[tuple[list[int], int]]:
        return [fit(prompt, item.opinions, tokenizer, style, room) for item in inputs]

    letters = sum(len(opinion) for item in inputs for opinion in item.opinions)
    what = f"the tokenizer or chat template in {tokenizer.name_or_path}"
    requests = []
    for item, (ids, seen) in zip(inputs, apart(made, what, FITTING * letters), strict=True):
        if not seen:
            raise FairpruneError(
                f"{task}, input {item.id!r}: not even its first opinion fits beside "
                f"{max_new_tokens} new tokens into the context of {context} tokens; give a "
                "smaller --max-new-tokens, or leave the input out"
            )
        check_ids(ids, config, str(tokenizer.name_or_path))
        requests += [Request(item.id, ids, seen, sample) for sample in range(samples)]
    return requests


def batches(
    requests: Sequence[Request], rows: Callable[[int], int], new: int
) -> list[list[Request]]:
    """Requests of similar length together, the longest first; equal lengths in the given order.

    The longest come first so that memory runs out at the start or not at all.

    Args:
        requests: of one task.
        rows: a batch's size, from the tokens of its longest with the new ones.
        new: new tokens at most.
    """
    ordered = sorted(requests, key=lambda request: -len(request.ids))
    found, start = [], 0
    while start < len(ordered):
        size = rows(len(ordered[start].ids) + new)
        found.append(list(ordered[start : start + size]))
        start += size
    return found
