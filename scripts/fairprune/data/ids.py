"""Ids of inputs that several files give, unique by file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fairprune.data.rows import Row
from fairprune.io.table_files import stem_of


def distinct(parsed: Sequence[tuple[Path, Sequence[Row]]]) -> list[Row]:
    """The rows of all files in order; where files share an id, every id says its file, too.

    `a/reviews.jsonl` and `b/reviews.jsonl` give `a-reviews-00000` and `b-reviews-00000`.
    """
    ids = [{row.input.id for row in rows} for _, rows in parsed]
    if sum(map(len, ids)) == len(set().union(*ids)):
        return [row for _, rows in parsed for row in rows]
    names = _names([path for path, _ in parsed])
    return [
        replace(row, input=replace(row.input, id=_named(row.input.id, name, stem_of(path))))
        for name, (path, rows) in zip(names, parsed, strict=True)
        for row in rows
    ]


def _named(name: str, file: str, stem: str) -> str:
    return f"{file}-{name.removeprefix(f'{stem}-')}"


def _names(paths: Sequence[Path]) -> list[str]:
    """The ends of the paths, without suffix, as long as it takes to tell them apart."""
    parts = [path.absolute().with_suffix("").parts for path in paths]
    for length in range(1, max(map(len, parts)) + 1):
        found = ["-".join(p[-length:]) for p in parts]
        if len(set(found)) == len(found):
            break
    return found
