"""How a step becomes a command: its parameters are options, and all steps share some."""

import copy
import functools
import inspect
import re
import runpy
import shlex
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, get_args

import typer
from typer.models import OptionInfo

from fairprune.cli_paths import places, refuse_empty
from fairprune.errors import FairpruneError
from fairprune.io.ownership import writing
from fairprune.io.project import ENTRIES


def command(
    step: Callable[..., Any], call: Callable[..., Any], program: str | None = None
) -> typer.Typer:
    """A command with the options of a step and the common ones; `call` is given them all.

    Its help calls it as the user did: `program`, or by the name of its file.
    """
    signature = inspect.signature(step)
    known = signature.parameters
    own = [_with_default_shown(parameter) for parameter in known.values()]
    added = [parameter for parameter in _COMMON if parameter.name not in known]

    @functools.wraps(step)
    def parsed(**options: Any) -> Any:
        return call(**options)

    shown = signature.replace(parameters=[*own, *added], return_annotation=Any)
    parsed.__signature__ = shown  # type: ignore[attr-defined]
    annotations = {parameter.name: parameter.annotation for parameter in (*own, *added)}
    parsed.__annotations__ = {**step.__annotations__, **annotations, "return": Any}
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    said = inspect.cleandoc(step.__doc__ or "")
    app.command(help=said.replace(f"{step.__name__}.py", program) if program else said)(parsed)
    return app


def taken(step: Callable[..., Any], options: dict[str, Any]) -> Any:
    """What a step gives for the options of its command, of which the common ones are left out.

    Raises:
        FairpruneError: an option is empty, or the output is not the step's to replace.
    """
    known = inspect.signature(step).parameters
    refuse_empty(known, options)
    with writing(step.__name__, *places(known, options)):
        return step(**{name: options[name] for name in known})


def called(entry: str, words: Sequence[str], more: str = "") -> Any:
    """What an entry gives in this process for the words of its command line.

    Args:
        entry: its name.
        words: as a shell gives them.
        more: further words, as a shell reads them.

    Raises:
        FairpruneError: words that are no options of it; or see the entry.
    """
    step = runpy.run_path(str(ENTRIES / f"{entry}.py"))[entry]
    try:
        words = [*words, *shlex.split(more)]
    except ValueError as error:
        raise FairpruneError(f"{more} cannot be read: {error} ({entry}.py)") from None
    try:
        app = command(step, lambda **options: taken(step, options))
        return app(words, prog_name=entry, standalone_mode=False)
    except Exception as error:  # usage errors have no public base class in Typer
        if not hasattr(error, "format_message"):
            raise
        raise FairpruneError(f"{error.format_message()} ({entry}.py)") from None


def _with_default_shown(parameter: inspect.Parameter) -> inspect.Parameter:
    """The option with `[default: none]` in its help where it has none and does not say so."""
    kind, *found = get_args(parameter.annotation)
    option = next(extra for extra in found if isinstance(extra, OptionInfo))
    said = (option.help or "").lower()
    if parameter.default not in (None, "") or re.search(r"none|default|all", said):
        return parameter
    shown = copy.copy(option)
    shown.show_default = "none"
    return parameter.replace(annotation=Annotated[kind, shown])


def _option(name: str, kind: Any, default: Any, help: str) -> inspect.Parameter:
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, typer.Option(f"--{name}", help=help)],
    )


# Every step takes the same common options, so that one list of them can be handed to all.
_COMMON = (
    _option("device", Literal["auto", "cpu", "cuda"], "auto", "Of no effect on this step."),
    _option(
        "dtype",
        Literal["auto", "float32", "bfloat16", "float16"],
        "auto",
        "Of no effect on this step.",
    ),
    _option("seed", int, 42, "Of no effect on this step: nothing in it is random."),
    _option("debug", bool, False, "Show tracebacks."),
)
