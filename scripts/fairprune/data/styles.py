"""How prompts are put to a model: plain, or in its tokenizer's chat template, and with what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fairprune.data.chat import Argument, argument_names, read_arguments
from fairprune.errors import FairpruneError, unknown
from fairprune.io.apart import apart
from fairprune.values import DATE

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

STYLES = ("plain", "chat")

# What a template is told where it knows the name and nothing else is said: a summary is wanted, and
# what a model thinks before it would take the summary's room.
TOLD = {"enable_thinking": False}


@dataclass(frozen=True)
class Style:
    """How a prompt is put to a model.

    Attributes:
        chat: whether it is the user's message in the tokenizer's chat template.
        date: the day, YYYY-MM-DD, that the template is told, so that the same run gives the same
            prompts on any day.
        arguments: what else the template is told, by name.
        system: the text of a system message before it, if any.
    """

    chat: bool = False
    date: str = DATE
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    system: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What a card says of it."""
        said = {"date": self.date, "template": dict(self.arguments), "system": self.system}
        return {
            "prompt_style": STYLES[self.chat],
            **{name: value if self.chat else None for name, value in said.items()},
        }


PLAIN = Style()


def style_for(
    tokenizer: PreTrainedTokenizerBase,
    name: str,
    *,
    date: str = DATE,
    template: Collection[str] = (),
    system: str | None = None,
) -> Style:
    """A style that a tokenizer can be asked for.

    Args:
        tokenizer: the model's.
        name: plain, or chat.
        date: the day, YYYY-MM-DD, that a chat template is told.
        template: `KEY=VALUE` arguments of the chat template, beside `TOLD`.
        system: a system text.

    Raises:
        FairpruneError: an unknown style; `chat` without a chat template; arguments or a system
            text without `chat`; an argument that the template does not know.
    """
    if name not in STYLES:
        raise unknown("prompt style", name, STYLES)
    arguments = read_arguments(template)
    if name == "plain":
        if arguments or system is not None:
            option = "--template" if arguments else "--system"
            raise FairpruneError(
                f"{option} is for the prompt style 'chat': give --prompt-style chat"
            )
        return PLAIN
    where = tokenizer.name_or_path
    if not tokenizer.chat_template:
        raise FairpruneError(
            f"the tokenizer in {where} has no chat template: use the prompt style 'plain'"
        )
    text, given = tokenizer.get_chat_template(), tokenizer.special_tokens_map
    known = apart(lambda: argument_names(text, given), f"the chat template in {where}")
    for argument in arguments if known is not None else ():
        if argument not in known:
            raise _unknown_argument(argument, known, where)
    told = {key: value for key, value in TOLD.items() if key in (known or ())}
    return Style(True, date, told | arguments, system)


def _unknown_argument(name: str, known: Collection[str], where: str) -> FairpruneError:
    if not known:
        return FairpruneError(
            f"the chat template in {where} takes no arguments: leave out --template {name}"
        )
    return unknown("argument", name, known, f" of the chat template in {where}")
