"""What a cell holds: a text, a label, a list of them; anything else is refused by its kind."""

import ast
import datetime
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from fairprune.errors import FairpruneError, shortened
from fairprune.io.table_files import missing

_WHOLE = re.compile(r"([+-]?\d+)\.0+")
_STRING = r"""(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")"""
_ARRAY = re.compile(rf"\[\s*+{_STRING}(?:\s++{_STRING})*+\s*+\]", re.DOTALL)
_NUMBERS = re.compile(r"\[\s*+[+-]?[\d.]++(?:\s++[+-]?[\d.]++)*+\s*+\]")
_STRINGS = re.compile(_STRING, re.DOTALL)
_KINDS = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
    datetime.datetime: "a date",
    datetime.date: "a date",
}


def text_of(value: Any, where: str) -> str:
    """A text, without white space around it.

    Raises:
        FairpruneError: a cell that is empty or no text, or a text with a NUL or half a character.
    """
    if missing(value):
        raise FairpruneError(f"{where} is empty; a text is needed")
    if not isinstance(value, str):
        raise _other(value, where, "a text")
    if "\0" in value:
        raise FairpruneError(f"{where}: a text holds a NUL: it is no text, or of another encoding")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise FairpruneError(f"{where}: a text holds half a character (a lone surrogate)") from None
    return value.strip()


def label_of(value: Any, where: str) -> str:
    """A label as text: `1`, `1.0` and the text `1.0` are one, so are True and `true`.

    Raises:
        FairpruneError: a cell that is empty, or holds neither a text nor a number nor a boolean.
    """
    if missing(value):
        raise FairpruneError(f"{where} is empty; a label is needed")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if not math.isfinite(value):
            raise FairpruneError(f"{where}: {value} is no label")
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int):
        return str(value)
    text = text_of(value, where) if isinstance(value, str) else None
    if text is None:
        raise _other(value, where, "a label")
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def name_of(value: Any, where: str) -> str | None:
    """An id, a split, a mix, a set: as a label is read; None where the cell is empty."""
    if isinstance(value, (list, tuple, dict)):
        raise _other(value, where, "a name")
    return None if missing(value) else label_of(value, where)


def list_of(value: Any, where: str) -> list[Any] | None:
    """A list; also one that a cell holds as text (of JSON, Python or NumPy). None: other text.

    Raises:
        FairpruneError: neither a list nor a text, or a text that begins as a list of texts and
            cannot be read as one.
    """
    if isinstance(value, (list, tuple)):
        return list(value)
    if not isinstance(value, str):
        raise _other(value, where, "a list or a text")
    text = value.strip()
    if not (text.startswith("[") and text.endswith("]")):
        return None
    if _ARRAY.fullmatch(text):
        return [ast.literal_eval(found) for found in _STRINGS.findall(text)]
    if _NUMBERS.fullmatch(text):
        return [float(found) for found in text[1:-1].split()]
    for parse in (json.loads, _python_list):
        try:
            parsed = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(parsed, list):
            return parsed
    if text[1:].lstrip()[:1] in ("'", '"'):
        raise FairpruneError(
            f"{where}: {shortened(text, 60)!r} looks like a list of texts and cannot be read as "
            'one: write it as JSON, ["one", "two"]'
        )
    return None


def _python_list(text: str) -> Any:
    """A list as Python writes it, but for texts without a comma between them."""
    found = ast.parse(text, mode="eval").body
    if isinstance(found, ast.List):
        for item in found.elts:
            written = ast.get_source_segment(text, item) or ""
            if isinstance(item, ast.Constant) and not re.fullmatch(
                rf"{_STRING}|[\w.+-]++", written, re.DOTALL
            ):
                raise ValueError("two texts without a comma between them")
    return ast.literal_eval(found)


def _other(value: Any, where: str, wanted: str) -> FairpruneError:
    kind = _KINDS.get(type(value)) or ("a mapping" if isinstance(value, Mapping) else "no text")
    return FairpruneError(f"{where}: {wanted} is expected, not {kind} ({shortened(value, 40)})")
