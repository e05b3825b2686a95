"""How `make new-config` asks, and what the answers must be."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from fairprune.errors import FairpruneError
from fairprune.values import sparsity_name

T = TypeVar("T")


def ask(question: str, given: str | None, default: str, check: Callable[[str], T]) -> T:
    """An answer, after its check.

    Args:
        question: shown on stderr, so that stdout holds the result alone.
        given: the answer, where it was given as an option; then nothing is asked.
        default: the answer to an empty line; "": there is none.
        check: gives the value of an answer, or refuses it.

    Raises:
        FairpruneError: an answer was refused, and nobody is there to be asked again.
        SystemExit: the answers ended.
    """
    while True:
        try:
            return check(_answer(question, default) if given is None else given)
        except FairpruneError as error:
            if given is not None or not sys.stdin.isatty():
                raise
            print(f"error: {error}", file=sys.stderr)


def check_model(answer: str) -> dict[str, str]:
    """The model's entry: `path` of a folder, or `id` and `revision` from ID@COMMIT.

    Raises:
        FairpruneError: neither.
    """
    if (Path(answer) / "config.json").is_file():
        return {"path": answer}
    hub = re.fullmatch(r"([\w.-]+/[\w.-]+)@([0-9a-f]{40})", answer)
    if hub is None:
        raise FairpruneError(
            f"{answer!r} is neither a folder with a config.json nor OWNER/NAME@COMMIT "
            "(the commit's 40 hexadecimal digits stand on the model's page)"
        )
    return {"id": hub[1], "revision": hub[2]}


def check_kind(answer: str) -> str:
    """What the opinions are called: the name of a prompt, or the word that one is made with.

    Raises:
        FairpruneError: not a word in small letters.
    """
    if not re.fullmatch(r"[a-z][a-z-]*", answer):
        raise FairpruneError(f"{answer!r}: one word in small letters is expected, as in 'comments'")
    return answer


def check_sparsities(answer: str) -> list[str]:
    """Sparsities and patterns in their path form, from a list with commas.

    Raises:
        FairpruneError: one of them is neither a share nor a pattern, or there is none.
    """
    try:
        found = [sparsity_name(part) for part in answer.split(",") if part.strip()]
    except ValueError as error:
        raise FairpruneError(f"{answer!r}: {error}") from None
    if not found:
        raise FairpruneError("give at least one sparsity, such as 0.3,0.5")
    return list(dict.fromkeys(found))


def check_memory(answer: str) -> float:
    """GB of GPU memory, 0 for none.

    Raises:
        FairpruneError: no such number.
    """
    try:
        memory = float(answer)
    except ValueError:
        memory = -1.0
    if not 0 <= memory < 10_000:
        raise FairpruneError(f"{answer!r}: GB of GPU memory are expected, 0 for none")
    return memory


def check_output(answer: str) -> Path:
    """A new file.

    Raises:
        FairpruneError: there is one already, or its name is no name of a YAML file.
    """
    path = Path(answer)
    if path.suffix not in (".yaml", ".yml"):
        raise FairpruneError(f"{answer!r}: a name that ends in .yaml is expected")
    if path.exists():
        raise FairpruneError(f"{path} exists and is left alone: give another name, or remove it")
    return path


def _answer(question: str, default: str) -> str:
    shown = f"{question} [{default}]: " if default else f"{question}: "
    print(shown, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        print(file=sys.stderr)
        asked = question.splitlines()[-1]  # what stands before it are examples from the file
        raise SystemExit(
            f"error: no answer to {asked!r}: give it as an option (--help lists the options)"
        )
    return line.strip() or default
