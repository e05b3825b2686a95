"""Rows written one batch at a time beside their target, so that a killed run goes on.

Those of a whole file stay, inside a run's results: the job that writes summaries may run again for
something else that it makes, and the workflow takes away what it has made before.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fairprune.io.atomic import write_text
from fairprune.io.disk import explained
from fairprune.io.hashing import sha256_data
from fairprune.io.places import in_results


class PartialFile:
    """Append-only JSON Lines: a first line that says what the rows are of, then the rows.

    Rows of another run (other parameters, model, task, code) are thrown away, and so is a last
    line that was cut off.
    """

    def __init__(self, target: Path, digest: str) -> None:
        """Open the partial file of `target`; `digest` stands for all that decides its rows."""
        self.path = target.with_name(f".{target.name}.partial")
        self.kept = target.with_name(f".{target.name}.kept")
        self.digest = digest
        self.rows: list[dict[str, Any]] = []
        self.cost: dict[str, float] = {}  # what they took, where all were written before
        first, *rows = _whole_lines(self.kept) or [{}]
        if first.get("of") == _seal(digest, rows, first.get("cost")):
            self.rows, self.cost = rows, first["cost"]
        first, *rows = _whole_lines(self.path) or [{}]
        if first == {"digest": digest} and len(rows) > len(self.rows):
            self.rows = rows
        lines = [{"digest": digest}, *self.rows]
        with explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("".join(map(_line, lines)), encoding="utf-8")

    def append(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add the rows of a batch; they are on the disk when this returns."""
        self.rows.extend(rows)
        with explained(self.path), self.path.open("a", encoding="utf-8") as stream:
            stream.write("".join(map(_line, rows)))
            stream.flush()
            os.fsync(stream.fileno())

    def finish(self, cost: Mapping[str, float]) -> None:
        """Delete the file: its rows are in the target now. In results they are kept, sealed."""
        if in_results(self.kept):
            first = {"of": _seal(self.digest, self.rows, cost), "cost": cost}
            write_text(self.kept, "".join(map(_line, [first, *self.rows])))
        self.path.unlink(missing_ok=True)


def _seal(digest: str, rows: Sequence[Mapping[str, Any]], cost: object) -> str:
    """What changes with every row, and with what they are of."""
    return sha256_data([digest, rows, cost])


def _whole_lines(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return []
    rows = []
    for line in text.split("\n")[:-1]:
        try:
            row = json.loads(line)
        except ValueError:
            break
        if not isinstance(row, dict):
            break
        rows.append(row)
    return rows


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
