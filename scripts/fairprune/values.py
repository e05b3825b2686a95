"""Values with a form of their own: names, folders, sources, sparsities."""

import datetime
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{,63}")
DATE = "2026-01-01"  # the day that chat templates print, where nothing else is said
RESERVED = {"all", "card", "dense", "given", "none"}
SELF = "self"  # the mix of a calibration set that the model writes itself
NAME_OF_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


def check_name(value: str) -> str:
    """A name that may stand in a path; anything else is a ValueError."""
    if not NAME.fullmatch(value) or re.search(r"-s\d+$", value):
        raise ValueError(
            "a name is made of up to 64 letters, digits, '-' and '_', begins with a letter or "
            "digit and does not end like a seed (-s43)"
        )
    if value in RESERVED:
        raise ValueError(f"the name {value!r} has a meaning of its own here: choose another")
    return value


def check_text(value: str) -> str:
    """A text that can be written and handed to a command; anything else is a ValueError."""
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("a text without a NUL or half a character (a lone surrogate) is expected")
    return value


def check_language(value: str) -> str:
    """A language's code of ISO 639-1, or 639-3 where there is none; else a ValueError."""
    if not re.fullmatch(r"[a-z]{2,3}", value):
        raise ValueError("a language's code of ISO 639 is expected, such as en or hi")
    return value


def check_distinct(values: list[Any]) -> list[Any]:
    """A list without repetitions; anything else is a ValueError."""
    if twice := [value for value in values if values.count(value) > 1]:
        raise ValueError(f"{twice[0]!r} stands there twice")
    return values


def check_pair(values: tuple[str, str]) -> tuple[str, str]:
    """Two different labels that `A,B` can name; anything else is a ValueError."""
    if values[0] == values[1]:
        raise ValueError("two different groups are expected")
    if any("," in value for value in values):
        raise ValueError("a label with a comma cannot be named here: rename it in the data")
    return values


def check_date(value: Any) -> str:
    """A day as YYYY-MM-DD; anything else is a ValueError."""
    return datetime.date.fromisoformat(str(value)).isoformat()


def check_folder(value: str) -> str:
    """A folder below the working directory; anything else is a ValueError."""
    path = PurePosixPath(value)
    odd = path.is_absolute() or ".." in path.parts or value.startswith("~") or "\\" in value
    odd = odd or unicodedata.normalize("NFKC", value) != value  # dots that are no dots
    if odd or not value.isprintable() or path == PurePosixPath("."):
        raise ValueError(
            "a folder below the working directory is expected, without '..'; to work elsewhere "
            "start snakemake with --directory"
        )
    if "{" in value or "}" in value:
        raise ValueError("a folder without braces is expected, which Snakemake has a use for")
    return str(path)


def check_source(value: str) -> str:
    """A local path, or an https URL that ends in a file's name; anything else is a ValueError."""
    if not value.strip() or not value.isprintable():
        raise ValueError("a path or an https URL is expected, without control characters")
    if "://" in value and not (
        value.startswith("https://") and NAME_OF_FILE.fullmatch(url_name(value))
    ):
        raise ValueError("an https URL that ends in the name of a file is expected")
    return value


def url_name(url: str) -> str:
    """The name of the file that a URL leads to; empty where it names none."""
    return urlsplit(url).path.rpartition("/")[2]


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
