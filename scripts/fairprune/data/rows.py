"""Raw rows of a file as inputs, every mistake named with its file and row."""

import ast
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairprune.data.columns import FIELDS, match_columns
from fairprune.data.mixes import derive_mix
from fairprune.data.opinions import Opinions
from fairprune.errors import FairpruneError, unknown

_SEPARATOR = re.compile(r"(?<!\S)\|\|(?!\S)")  # "a||b" is text, "a || b" two opinions


@dataclass(frozen=True)
class Row:
    """An input with where it came from, and the split that the file gave it, if any."""

    input: Opinions
    split: str | None
    where: str


def parse_rows(
    rows: Sequence[Mapping[str, Any]],
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    groups: Collection[str] = (),
    ignore: Collection[str] = (),
) -> list[Row]:
    """Inputs from the rows of one file.

    Args:
        rows: {column: value}; opinions are a list, or a text separated by ` || `; labels are a
            list, or a text (see `data/README.md`).
        path: the file, for messages and for ids where it has none.
        columns: our field → their column, where the names differ.
        groups: labels that may occur; empty: any.
        ignore: labels that are no group; they may occur and do not count for the mix.

    Raises:
        FairpruneError: a missing column, or a row that is no input.
    """
    found = []
    for number, raw in enumerate(rows, 1):
        where = f"{path}, row {number}"
        match = match_columns(raw, columns or {}, where)
        for field in ("opinions", "labels"):
            if field not in match:
                raise _missing(field, raw, where)
        value = {field: raw[column] for field, column in match.items()}
        opinions = split_opinions(value["opinions"], where)
        labels = split_labels(value["labels"], where)
        if len(labels) != len(opinions):
            raise FairpruneError(
                f"{where}: {len(opinions)} opinions but {len(labels)} labels; one each is needed"
            )
        check_labels(labels, groups, ignore, where)
        name, mix = _text(value.get("id")), _text(value.get("mix"))
        item = Opinions(
            id=name or f"{path.stem}-{number - 1:05d}",
            opinions=opinions,
            labels=labels,
            mix=mix or derive_mix(labels, ignore),
            references=_references(value.get("references"), where),
        )
        found.append(Row(item, _text(value.get("split")), where))
    return found


def check_ids(rows: Sequence[Row]) -> None:
    """Raise a FairpruneError where two inputs have one id."""
    seen: dict[str, str] = {}
    for row in rows:
        if row.input.id in seen:
            raise FairpruneError(
                f"{row.where}: id {row.input.id!r} is that of {seen[row.input.id]} too; "
                "every input needs its own"
            )
        seen[row.input.id] = row.where


def check_labels(
    labels: Sequence[str], groups: Collection[str], ignore: Collection[str], where: str
) -> None:
    """Raise a FairpruneError where a label is neither a declared group nor ignored."""
    if groups:
        for label in labels:
            if label not in groups and label not in ignore:
                raise unknown("label", label, {*groups, *ignore}, f" in {where}")


def split_opinions(value: Any, where: str) -> list[str]:
    """Opinions from a list or from text separated by ` || `, none of them empty."""
    listed = _listed(value, where)
    parts = _SEPARATOR.split(value) if listed is None else listed
    if not parts:
        raise FairpruneError(f"{where}: no opinions; an input needs at least one")
    opinions = []
    for number, part in enumerate(parts, 1):
        if not isinstance(part, str) or not part.strip():
            raise FairpruneError(f"{where}: opinion {number} of {len(parts)} is empty or no text")
        opinions.append(clean(part, where))
    return opinions


def split_labels(value: Any, where: str) -> list[str]:
    """Labels from a list, or from text: a list in brackets, else separated by `||`, else by `,`."""
    listed = _listed(value, where)
    if listed is None:
        listed = value.split("||" if "||" in value else ",")
    labels = [_text(label) for label in listed]
    if None in labels:
        raise FairpruneError(f"{where}: label {labels.index(None) + 1} is empty")
    return labels


def clean(text: str, where: str) -> str:
    """A text without white space around it; refused where it is not Unicode."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise FairpruneError(f"{where}: a text holds half a character (a lone surrogate)") from None
    return text.strip()


def _listed(value: Any, where: str) -> list[Any] | None:
    """A list, also one that a CSV holds as text (JSON or Python); None for other text."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if not isinstance(value, str):
        raise FairpruneError(f"{where}: a list or a text is expected, not {type(value).__name__}")
    text = value.strip()
    if text.startswith("[") and text.endswith("]"):
        for parse in (json.loads, ast.literal_eval):
            try:
                parsed = parse(text)
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
            if isinstance(parsed, list):
                return parsed
    return None


def _references(value: Any, where: str) -> list[str]:
    if value is None:
        return []
    listed = _listed(value, where)
    values = [value] if listed is None else listed
    if not all(isinstance(v, str) for v in values):
        raise FairpruneError(f"{where}: references must be a text or a list of texts")
    return [clean(text, where) for text in values if text.strip()]


def _text(value: Any) -> str | None:
    """A label, an id, a split, a mix as text; whole numbers without a fraction; empty: None."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None or value != value else str(value).strip()
    return text or None


def _missing(field: str, raw: Mapping[str, Any], where: str) -> FairpruneError:
    names = " or ".join(repr(name) for name in FIELDS[field])
    hint = unknown("column", FIELDS[field][0], raw)
    return FairpruneError(
        f"{where}: no column {names} for the {field}; name yours with --columns {field}=COLUMN "
        f"({hint})"
    )
