"""Groups of options that several entries have, or that would hide the others of one."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from typer import Option

from fairprune import cli
from fairprune.values import DATE, check_date

OWN = "With --mix self:"


def prompting(
    prompt_style: Annotated[
        Literal["plain", "chat"], Option(help="chat: in the tokenizer's chat template.")
    ] = "plain",
    template: Annotated[
        list[str] | None,
        Option(
            help="For the chat template, KEY=VALUE; repeated. Default: enable_thinking=false.",
        ),
    ] = None,
    system: Annotated[str | None, Option(help="System text in the chat template, if any.")] = None,
    date: Annotated[
        str, Option(parser=check_date, metavar="YYYY-MM-DD", help="Day in chat templates.")
    ] = DATE,
    config: Annotated[
        Path | None, Option(help="Configuration to take further prompts from.")
    ] = None,
) -> None:
    """How prompts are put to a model."""


def decoding(
    generation: Annotated[
        Literal["settings", "model"],
        Option(help="model: as its generation_config.json says, in place of what follows."),
    ] = "settings",
    repetition_penalty: Annotated[
        float | None, Option(min=0, max=100, help="Divides logits of tokens seen; default 1: none.")
    ] = None,
    no_repeat_ngram_size: Annotated[
        int | None, Option(min=0, max=10**4, help="No run of so many tokens twice; default 0: any.")
    ] = None,
    min_new_tokens: Annotated[
        int | None, Option(min=0, max=10**5, help="Fewest tokens a summary; default 0.")
    ] = None,
    temperature: Annotated[
        float | None,
        Option(min=0, max=100, help="Divides logits before tokens are drawn; default 0: greedy."),
    ] = None,
    top_p: Annotated[
        float | None, Option(max=1, help="Share of the probability drawn from; default 1: all.")
    ] = None,
    top_k: Annotated[
        int | None, Option(min=0, max=10**6, help="Likeliest tokens drawn from; default 0: all.")
    ] = None,
    samples: Annotated[
        int | None, Option(min=1, max=1000, help="Summaries an input, each drawn; default 1.")
    ] = None,
    seed: cli.Seed = 42,
) -> None:
    """How the tokens of summaries are chosen."""


def continuing(
    prefix: Annotated[
        int | None,
        Option(min=1, max=10**6, help=f"{OWN} tokens of a text that are given; default 4."),
    ] = None,
    temperature: Annotated[
        float | None, Option(help=f"{OWN} factor that logits are divided by; default 0.6.")
    ] = None,
    top_p: Annotated[
        float | None,
        Option(help=f"{OWN} share of the probability that is drawn from; default 0.95."),
    ] = None,
    batch_size: Annotated[
        int | None,
        Option(min=1, max=10**4, help=f"{OWN} number of texts at once; default 8."),
    ] = None,
    device: cli.Device = "auto",
    dtype: cli.DType = "auto",
) -> None:
    """How a model goes on from texts."""


def measuring_texts(
    corpora: Annotated[
        cli.Texts,
        Option(
            "--corpus",
            help="NAME=FILE: plain text, or the column `text` of rows (.jsonl, .parquet).",
        ),
    ] = None,
    limits: Annotated[
        cli.Texts, Option("--limit", help="NAME=N: of a corpus only the first N documents.")
    ] = None,
    window: Annotated[int, Option(help="Tokens per window, at most the model's context.")] = 2048,
    beginning: Annotated[
        Literal["every", "first"],
        Option(help="Windows that get the beginning token a tokenizer puts; first: as published."),
    ] = "every",
) -> None:
    """Which texts a model's perplexity is measured on, and how."""


def measuring_tasks(
    tasks: Annotated[cli.Texts, Option("--zero-shot", help="Task of lm-eval; repeated.")] = None,
    include_path: Annotated[Path | None, Option(help="Folder of further tasks (YAML).")] = None,
    functions: Annotated[
        list[Path] | None, Option(help="Python file whose functions those may run; repeated.")
    ] = None,
    data: Annotated[
        cli.Texts, Option(help="NAME=FILE: what crows_pairs_local or bbq_local reads; repeated.")
    ] = None,
    device: cli.Device = "auto",
    dtype: cli.DType = "auto",
) -> None:
    """Which tasks a model is measured on."""


def reading(
    format_name: Annotated[str, Option("--format", help="Importer; auto: by ending.")] = "auto",
    encoding: Annotated[str | None, Option(help="Of the files (found by itself).")] = None,
    delimiter: Annotated[str | None, Option(help="Between cells (found by itself).")] = None,
    sheet: Annotated[str | None, Option(help="Of a spreadsheet (its only one).")] = None,
) -> None:
    """What a user says of a file that does not say it itself."""


def understanding(
    columns: Annotated[cli.Texts, Option(help="KEY=COLUMN: our field, their name.")] = None,
    labels: Annotated[
        cli.Texts, Option(help="GROUP=VALUE of the file, or range (neg=1-2).")
    ] = None,
    groups: Annotated[cli.Texts, Option("--group", help="A label that may occur.")] = None,
    ignore: cli.Ignored = None,
) -> None:
    """How the rows of a file are to be understood."""


def answering(
    columns: Annotated[str, Option(help="KEY=COLUMN,… for columns of other names.")] = "",
    labels: Annotated[str, Option(help="GROUP=VALUE,… for stars and codes (neg=1-2).")] = "",
    ignore: Annotated[str | None, Option(help="LABEL,… that are no groups; none: asked.")] = None,
    group_by: Annotated[str | None, Option(help="Column of the matter; none: asked.")] = None,
) -> None:
    """Answers on a file of opinions, in place of questions."""


def also(*groups: Callable[..., None]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the options of groups to those of an entry, which gets them as further keywords."""

    def added(step: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(step)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        more = [p for group in groups for p in inspect.signature(group).parameters.values()]
        shown = signature.replace(parameters=[*own, *more])
        step.__signature__ = shown  # type: ignore[attr-defined]
        return step

    return added
