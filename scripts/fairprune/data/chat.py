"""Chat templates, which are programs of a model's own: told one day, whatever day it is."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, ClassVar, NoReturn

from fairprune.errors import FairpruneError, shortened

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Argument = bool | int | float | str

# What Hugging Face hands every template.
ALWAYS = {"messages", "tools", "documents", "add_generation_prompt"}
ALWAYS |= {"raise_exception", "strftime_now"}

TODAY = re.compile(r"""strftime_now\(\s*(?:format\s*=\s*)?(?:'([^'\\]*)'|"([^"\\]*)")\s*\)""")


def render_chat(
    text: str,
    tokenizer: PreTrainedTokenizerBase,
    date: str,
    arguments: Mapping[str, Argument] | None = None,
    system: str | None = None,
) -> str:
    """A text as the user's message of a chat, up to where the model goes on.

    Args:
        text: what the user says.
        tokenizer: one that has a chat template.
        date: the day, YYYY-MM-DD, that the template is told.
        arguments: what else it is told, by name.
        system: a system message before the user's, if any.

    Raises:
        FairpruneError: see `dated`; the template fails on it, or has no place for a system text.
    """
    template = dated(tokenizer.get_chat_template(), date)
    before = [] if system is None else [{"role": "system", "content": system}]
    where = f"the chat template in {tokenizer.name_or_path}"
    try:
        chat = tokenizer.apply_chat_template(
            [*before, {"role": "user", "content": text}],
            chat_template=template,
            tokenize=False,
            add_generation_prompt=True,
            **(arguments or {}),
        )
    except Exception as error:  # the template's own, and those of jinja
        what, remedy = (" with a system text", "leave it out, or ") if before else ("", "")
        raise FairpruneError(
            f"{where} cannot be used{what} ({shortened(error, 300)}): {remedy}use the prompt style "
            "'plain'"
        ) from None
    if system is not None and system.strip() not in chat:
        raise FairpruneError(f"{where} takes no system text, and would drop it: leave it out")
    return chat


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


def argument_names(template: str, given: Collection[str] = ()) -> list[str] | None:
    """The arguments that a template knows: names that it reads and does not only set itself.

    Args:
        template: in Jinja, as Hugging Face renders it.
        given: names that it is told anyhow.

    Returns:
        Sorted names; None where they cannot be found out.
    """
    from jinja2 import nodes
    from jinja2.ext import Extension
    from jinja2.meta import find_undeclared_variables
    from jinja2.parser import Parser
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Generation(Extension):
        """The block that marks what a model writes, which is known to Hugging Face alone."""

        tags: ClassVar = {"generation"}  # type: ignore[misc]  # jinja says of an instance

        def parse(self, parser: Parser) -> list[nodes.Node]:
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    try:
        jinja = ImmutableSandboxedEnvironment(extensions=[Generation, "jinja2.ext.loopcontrols"])
        found = find_undeclared_variables(jinja.parse(template))
    except Exception:  # whatever a template of somebody's can be wrong in shows when it is used
        return None
    return sorted(found - ALWAYS - set(given))


def read_arguments(texts: Collection[str]) -> dict[str, Argument]:
    """Arguments from `KEY=VALUE` texts; a value is true, false, a number, or else a text.

    A text that reads as one of the others stands in double quotes.

    Raises:
        FairpruneError: not of that form, or a key given twice.
    """
    found: dict[str, Argument] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key.isidentifier() or not equals:
            raise FairpruneError(
                f"--template {shortened(text)!r}: KEY=VALUE is expected (enable_thinking=false)"
            )
        if key in found:
            raise FairpruneError(f"--template {key} is given twice: give it once")
        found[key] = _value(value)
    return found


def _value(text: str) -> Argument:
    try:
        value = json.loads(text, parse_constant=_refuse)  # NaN is no value
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, Argument) else text


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
