"""Rows written one batch at a time beside their target, so that a killed run goes on."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fairprune.io.disk import explained


class PartialFile:
    """Append-only JSON Lines: what the rows are of, the rows; where all are there, what they took.

    Rows of another run (other parameters, model, task) are thrown away, and so is a last line
    that was cut off.
    """

    def __init__(self, target: Path, digest: str) -> None:
        """Open the partial file of `target`; `digest` stands for all that decides its rows."""
        self.path = target.with_name(f".{target.name}.partial")
        self.rows: list[dict[str, Any]] = []
        self.cost: dict[str, float] = {}
        whole = self._whole_lines()
        if whole and whole[0] == {"digest": digest}:
            self.rows = [row for row in whole[1:] if "cost" not in row]
            self.cost = next((row["cost"] for row in whole[1:] if "cost" in row), {})
        lines = [{"digest": digest}, *self.rows, *([{"cost": self.cost}] if self.cost else [])]
        with explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("".join(map(_line, lines)), encoding="utf-8")

    def append(self, rows: Sequence[dict[str, Any]]) -> None:
        """Add the rows of a batch; they are on the disk when this returns."""
        self.rows.extend(rows)
        self._write(rows)

    def end(self, cost: dict[str, float]) -> None:
        """Add what all rows took, for a run that finds nothing left to measure."""
        self.cost = cost
        self._write([{"cost": cost}])

    def _write(self, rows: Sequence[dict[str, Any]]) -> None:
        with explained(self.path), self.path.open("a", encoding="utf-8") as stream:
            stream.write("".join(map(_line, rows)))
            stream.flush()
            os.fsync(stream.fileno())

    def remove(self) -> None:
        """Delete the file: its rows are in the target now."""
        self.path.unlink(missing_ok=True)

    def _whole_lines(self) -> list[dict[str, Any]]:
        try:
            text = self.path.read_bytes().decode("utf-8", errors="replace")
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


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
