"""What a cell holds: a text, a label, a name; anything else is refused by its kind."""

import datetime
import math
import re
from decimal import Decimal
from typing import Any

from fairprune.errors import FairpruneError, shortened
from fairprune.io.table_files import missing

_DECIMAL = re.compile(r"([+-]?\d+)(?:\.(\d*?)0*)")
_NOTHING = {"nan", "na", "<na>", "none", "null", "#n/a", "n/a"}  # as programs write it
_NO_LABEL = _NOTHING - {"none"}
_KINDS = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
    datetime.datetime: "a date",
    datetime.date: "a date",
    datetime.time: "a time",
    bytes: "bytes",
}


def text_of(value: Any, where: str) -> str:
    """A text, without white space around it.

    Raises:
        FairpruneError: a cell that is empty or no text, or a text with a NUL or half a character.
    """
    if missing(value):
        raise FairpruneError(f"{where} is empty; a text is needed")
    if not isinstance(value, str):
        raise wrong_kind(value, where, "a text")
    if value.strip().casefold() in _NOTHING:
        raise FairpruneError(
            f"{where}: {value.strip()!r} is what programs write for an empty cell; a text is needed"
        )
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
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (float, Decimal)):
        if not math.isfinite(value):
            raise FairpruneError(f"{where}: {value} is no label")
        whole = value == int(value)
        return str(int(value)) if whole else _plain(_shortest(value))
    if not isinstance(value, str):
        raise wrong_kind(value, where, "a label")
    text = value.strip()
    if text.casefold() in _NO_LABEL:
        raise FairpruneError(
            f"{where}: {text!r} is what programs write for an empty cell; a label is needed"
        )
    return _plain(text_of(text, where) if text.casefold() != "none" else text)


def _shortest(value: float | Decimal) -> str:
    """A number with the digits that tell it apart; of a float32 no more than it has."""
    import numpy as np

    small = np.float32(value)
    return str(small) if float(small) == value else str(value)


def _plain(text: str) -> str:
    """A number without zeros behind its fraction; any other text as it is."""
    found = _DECIMAL.fullmatch(text)
    return ".".join(filter(None, found.groups())) if found else text


def name_of(value: Any, where: str) -> str | None:
    """An id, a split, a mix, a set: as a label is read; None where the cell is empty."""
    if isinstance(value, (list, tuple, dict)):
        raise wrong_kind(value, where, "a name")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return None if missing(value) else label_of(value, where)


def wrong_kind(value: Any, where: str, wanted: str) -> FairpruneError:
    """The error for a cell of another kind than is wanted ("a text")."""
    kind = _KINDS.get(type(value), type(value).__name__)
    return FairpruneError(f"{where}: {wanted} is expected, not {kind} ({shortened(value, 40)})")
