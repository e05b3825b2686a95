"""Values with a form of their own: names, folders, sparsities, and what must not stand there."""

import re
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import Any

from fairprune.errors import FairpruneError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def check_name(value: str) -> str:
    """A name that may stand in a path; anything else is a ValueError."""
    if not NAME.fullmatch(value) or re.search(r"-s\d+$", value):
        raise ValueError(
            "a name is made of letters, digits, '-' and '_', begins with a letter or digit and "
            "does not end like a seed (-s43)"
        )
    return value


def check_folder(value: str) -> str:
    """A folder below the working directory; anything else is a ValueError."""
    path = PurePosixPath(value)
    odd = path.is_absolute() or ".." in path.parts or value.startswith("~") or "\\" in value
    if odd or not value.isprintable() or not value.isascii() or path == PurePosixPath("."):
        raise ValueError(
            "a folder below the working directory is expected, without '..'; to work elsewhere "
            "start snakemake with --directory"
        )
    return str(path)


def sparsity_name(value: Any) -> str:
    """The name of a sparsity in a path: `0.50`, or `2of4` for two of four weights kept.

    Args:
        value: a share of weights to prune within [0.05, 0.95], or `N:M` / `NofM`.

    Raises:
        ValueError: it is neither.
    """
    text = str(value).strip()
    if pattern := re.fullmatch(r"(\d+)(?::|of)(\d+)", text):
        kept, group = map(int, pattern.groups())
        if not 0 < kept < group:
            raise ValueError(f"pattern {text}: N of M weights are kept, 0 < N < M")
        return f"{kept}of{group}"
    try:
        share = Decimal(text)
    except InvalidOperation:
        raise ValueError("a share such as 0.5, or a pattern such as 2of4, is expected") from None
    if not share.is_finite() or not Decimal("0.05") <= share <= Decimal("0.95"):
        raise ValueError("a sparsity lies within 0.05 and 0.95 (write patterns as 2of4)")
    return f"{share.normalize():.2f}" if share == round(share, 2) else f"{share.normalize():f}"


def check_secrets(value: Any, where: str = "") -> None:
    """Refuse a configuration that holds a token, without showing it.

    Raises:
        FairpruneError: a value looks like a token, or a key is named like one.
    """
    if isinstance(value, dict):
        for key, below in value.items():
            if re.search(r"(?i)token$|password|secret|api_?key", str(key)) and below:
                raise _secret(f"{where}{key}")
            check_secrets(below, f"{where}{key}.")
    elif isinstance(value, list | tuple):
        for number, below in enumerate(value):
            check_secrets(below, f"{where}{number}.")
    elif isinstance(value, str) and re.search(r"hf_[A-Za-z0-9]{16,}|://[^/\s]*:[^/\s]*@", value):
        raise _secret(where.rstrip("."))


def _secret(where: str) -> FairpruneError:
    return FairpruneError(
        f"configuration, {where}: a token stands there; remove it, revoke it, and give it in the "
        "environment variable HF_TOKEN"
    )
