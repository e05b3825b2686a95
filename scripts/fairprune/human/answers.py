"""Filled sheets, every mistake named with its file, pair and question."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from fairprune.data.cells import name_of
from fairprune.data.columns import find_column
from fairprune.errors import FairpruneError
from fairprune.io.table_files import read_table

QUESTIONS = {
    "fairer": "Which summary gives each side the room that it has in the opinions?",
    "better": "Which summary is the better one, all in all?",
}
ANSWERS = ("a", "b", "tie")

Answers = dict[str, dict[str, str]]  # pair → question → answer


def read_sheets(paths: Sequence[Path], pairs: Collection[str]) -> dict[str, Answers]:
    """Annotator (the file's name without its ending) → what he or she answered.

    A sheet may hold a part of the pairs, where annotators share the work.

    Args:
        paths: one filled sheet an annotator.
        pairs: the pairs of the key.

    Raises:
        FairpruneError: two sheets of one annotator, or a mistake in a sheet.
    """
    found: dict[str, Answers] = {}
    for path in paths:
        name = path.stem.strip().casefold()
        if name in found:
            raise FairpruneError(
                f"{path}: a second sheet of annotator {name!r}; name each file by its annotator"
            )
        found[name] = _read(path, pairs)
    return found


def _read(path: Path, pairs: Collection[str]) -> Answers:
    found: Answers = {}
    for row in _rows(path):
        pair = (name_of(row["pair"], str(path)) or "").casefold()
        where = f"{path}, pair {pair!r}"
        if pair not in pairs:
            raise FairpruneError(
                f"{where}: no such pair in the key; this sheet was made from other summaries"
            )
        if pair in found:
            raise FairpruneError(f"{where} stands there twice")
        found[pair] = {question: _answer(row[question], question, where) for question in QUESTIONS}
    if not found:
        raise FairpruneError(f"{path} holds no answers")
    return found


def _answer(cell: Any, question: str, where: str) -> str:
    answer = (name_of(cell, where) or "").casefold()
    if not answer:
        raise FairpruneError(f"{where}: {question!r} has no answer; A, B or tie is expected")
    if answer not in ANSWERS:
        raise FairpruneError(f"{where}: {question!r} is {cell!r}; A, B or tie is expected")
    return answer


def _rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a sheet as spreadsheets save it, without those that hold nothing."""
    table = read_table(path)
    if not table.rows:
        return []
    columns = {
        name: find_column(table.columns, name, str(path), "give a filled sheet")
        for name in ("pair", *QUESTIONS)
    }
    return [{name: row.get(column) for name, column in columns.items()} for row in table.rows]
