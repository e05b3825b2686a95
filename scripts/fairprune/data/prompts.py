"""Prompts: the text around the opinions, as tokens that fit a model's context."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fairprune.data.chat import render_chat
from fairprune.data.styles import PLAIN, Style
from fairprune.data.tasks import SEPARATOR
from fairprune.errors import FairpruneError, unknown
from fairprune.io.cards import verified
from fairprune.io.yaml_files import read_yaml

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Prompt:
    """Text before the first opinion and after the last; between them stands ` || `."""

    before: str
    after: str

    def text(self, opinions: Sequence[str]) -> str:
        """The whole prompt."""
        return self.before + SEPARATOR.join(opinions) + self.after


_REQUEST = (
    "\nPlease write a short text containing the salient information, i.e. a summary. "
    "The summary of the {} is:"
)
PROMPTS = {
    "tweets": Prompt(
        "Tweets about US Presidential Election. Each tweet is separated by || : ",
        _REQUEST.format("tweets"),
    ),
    "reviews": Prompt(
        "Reviews about a product or business. Each review is separated by || : ",
        _REQUEST.format("reviews"),
    ),
}


def find_prompt(name: str, config: Path | None = None) -> Prompt:
    """A prompt by its name: `tweets`, `reviews`, or one of the configuration's `prompts`.

    Raises:
        FairpruneError: no such prompt, or a configuration that cannot be read.
    """
    known = dict(PROMPTS)
    if config is not None:
        known |= _configured(Path(config))
    if name not in known:
        raise unknown("prompt", name, known, f" in {config}" if config else "")
    return known[name]


def render(
    prompt: Prompt | None,
    opinions: Sequence[str],
    tokenizer: PreTrainedTokenizerBase,
    style: Style = PLAIN,
) -> list[int]:
    """Token ids of the opinions under a prompt (or bare, joined by ` || `).

    Raises:
        FairpruneError: see `render_chat`.
    """
    text = prompt.text(opinions) if prompt else SEPARATOR.join(opinions)
    if not style.chat or prompt is None:
        return encode(text, tokenizer)
    chat = render_chat(text, tokenizer, style.date, style.arguments, style.system)
    return tokenizer(chat, add_special_tokens=False, verbose=False)["input_ids"]


def encode(text: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Token ids of a text to be continued: with the beginning token, without the end token.

    A tokenizer whose beginning token is a token of its own (not the end token too) gets it in
    front even where it does not put it there by itself.
    """
    ids = tokenizer(text, verbose=False)["input_ids"]
    begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    if len(ids) > 1 and ids[-1] == end:
        ids = ids[:-1]
    if begin is not None and begin != end and ids[:1] != [begin]:
        ids = [begin, *ids]
    return ids


def begins(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether `encode` puts a beginning token in front."""
    return encode("a", tokenizer)[:1] == [tokenizer.bos_token_id]


def between(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """What stands between two texts that are joined: the end token where none begins them."""
    end = tokenizer.eos_token_id
    return [] if begins(tokenizer) or end is None else [end]


def fit(
    prompt: Prompt,
    opinions: Sequence[str],
    tokenizer: PreTrainedTokenizerBase,
    style: Style,
    room: int | None,
) -> tuple[list[int], int]:
    """Token ids with as many opinions as fit into `room` tokens, and how many those are.

    Whole opinions are dropped from the end. None fit: the number is 0.
    """
    ids = render(prompt, opinions, tokenizer, style)
    if room is None or len(ids) <= room:
        return ids, len(opinions)
    seen = bisect.bisect_right(
        range(1, len(opinions)),
        room,
        key=lambda count: len(render(prompt, opinions[:count], tokenizer, style)),
    )
    return render(prompt, opinions[:seen], tokenizer, style), seen


def check_ids(ids: Iterable[int], config: PretrainedConfig, where: str) -> None:
    """Raise a FairpruneError where a tokenizer gives a token that its model does not know."""
    known = config.get_text_config(decoder=True).vocab_size
    if (largest := max(ids, default=0)) >= known:
        raise FairpruneError(
            f"{where}: its tokenizer gives token {largest}, its model knows {known}: they do not "
            "belong together"
        )


def _configured(config: Path) -> dict[str, Prompt]:
    content = read_yaml(verified(config)) or {}
    try:
        return {
            name: Prompt(str(parts["before"]), str(parts["after"]))
            for name, parts in (content.get("prompts") or {}).items()
        }
    except (AttributeError, KeyError, TypeError):
        raise FairpruneError(
            f"{config}: prompts must map names to `before` and `after`, both texts"
        ) from None
