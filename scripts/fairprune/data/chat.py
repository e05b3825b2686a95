"""Chat templates, which are programs of a model's own: told one day, whatever day it is."""

from __future__ import annotations

import datetime
import json
import re
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError, shortened

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TODAY = re.compile(r"""strftime_now\(\s*(?:format\s*=\s*)?(?:'([^'\\]*)'|"([^"\\]*)")\s*\)""")


def render_chat(text: str, tokenizer: PreTrainedTokenizerBase, date: str) -> str:
    """A text as the only message of a chat, up to where the model goes on.

    Args:
        text: what the user says.
        tokenizer: one that has a chat template.
        date: the day, YYYY-MM-DD, that the template is told.

    Raises:
        FairpruneError: see `dated`; or the template fails on it.
    """
    template = dated(tokenizer.get_chat_template(), date)
    try:
        return tokenizer.apply_chat_template(
            [{"role": "user", "content": text}],
            chat_template=template,
            tokenize=False,
            add_generation_prompt=True,
        )
    except Exception as error:  # the template's own, and those of jinja
        raise FairpruneError(
            f"the chat template in {tokenizer.name_or_path} cannot be used "
            f"({shortened(error, 300)}): use the prompt style 'plain'"
        ) from None


def dated(template: str, date: str) -> str:
    """A template that prints a given day, YYYY-MM-DD, where it would print today's.

    Raises:
        FairpruneError: it asks for the day in a form that it only makes up when it runs.
    """
    day = datetime.date.fromisoformat(date)
    found = TODAY.sub(lambda m: json.dumps(day.strftime(m[1] or m[2] or "")), template)
    if re.search(r"strftime_now\s*\(", found):
        raise FairpruneError(
            "the chat template prints the day in a way that cannot be fixed, and so its prompts "
            "would differ from day to day: use the prompt style 'plain'"
        )
    return found
