"""Lists in cells: as JSON, Python or NumPy writes them, or separated."""

import ast
import json
import re
from typing import Any

from fairprune.data.cells import label_of, text_of, wrong_kind
from fairprune.errors import FairpruneError, shortened
from fairprune.io.table_files import missing

SEPARATOR = re.compile(r"(?<!\S)\|\|(?!\S)")  # "a||b" is text, "a || b" two opinions
_STRING = r"""(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")"""
_ARRAY = re.compile(rf"\[\s*+{_STRING}(?:\s++{_STRING})*+\s*+\]", re.DOTALL)
_NUMBER = r"[+-]?\d++\.?\d*+"
_NUMBERS = re.compile(rf"\[\s*+{_NUMBER}(?:\s++{_NUMBER})*+\s*+\]")
_LOOKS_LISTED = re.compile(r"\[\s*+['\"]|\[np\.|array\(|\(\s*+['\"]|\{\s*+['\"]|\[[\d.\s]++\]")
_STRINGS = re.compile(_STRING, re.DOTALL)


def list_of(value: Any, where: str) -> list[Any] | None:
    """A list; also one that a cell holds as text (of JSON, Python or NumPy). None: other text.

    Raises:
        FairpruneError: neither a list nor a text, or a text that begins as a list of texts and
            cannot be read as one.
    """
    if isinstance(value, (list, tuple)):
        return list(value)
    if not isinstance(value, str):
        raise wrong_kind(value, where, "a list or a text")
    text = value.strip()
    if text[-1:] not in ("]", ")", "}"):
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
    if _LOOKS_LISTED.match(text):
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


def split_opinions(value: Any, where: str) -> list[str]:
    """Opinions from a list or from text separated by ` || `, none of them empty."""
    if missing(value):
        raise FairpruneError(f"{where}: no opinions; an input needs at least one")
    listed = list_of(value, where)
    parts = SEPARATOR.split(value) if listed is None else listed
    if not parts:
        raise FairpruneError(f"{where}: no opinions; an input needs at least one")
    return [
        text_of(part, f"{where}: opinion {number} of {len(parts)}")
        for number, part in enumerate(parts, 1)
    ]


def split_labels(value: Any, where: str) -> list[str]:
    """Labels from a list, or from text: a list in brackets, else separated by `||`, else by `,`."""
    if missing(value):
        raise FairpruneError(f"{where}: no labels; every opinion needs one")
    listed = [value] if isinstance(value, (bool, int, float)) else list_of(value, where)
    if listed is None:
        if value.strip().startswith(("[", "(", "{", "array(")):
            raise FairpruneError(
                f"{where}: the labels {value[:60]!r} look like a list and cannot be read as one: "
                'write ["one", "two"]'
            )
        listed = value.split("||" if "||" in value else ",")
    return [label_of(label, f"{where}: label {number}") for number, label in enumerate(listed, 1)]


def split_references(value: Any, where: str) -> list[str]:
    """Reference summaries, from a text or a list of texts; none where the cell is empty."""
    if missing(value):
        return []
    listed = list_of(value, where)
    values = [value] if listed is None else listed
    if not all(isinstance(v, str) for v in values):
        raise FairpruneError(f"{where}: references must be a text or a list of texts")
    return [text_of(text, where) for text in values if text.strip()]
