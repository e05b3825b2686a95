"""One case of `cases/refusals.jsonl`: a file is written, a step reads it, and what it says."""

from pathlib import Path

import pytest
import xlsxwriter

from fairprune.data.groups import Grouping
from fairprune.data.prepare import prepare_task
from fairprune.data.texts import read_texts
from fairprune.errors import FairpruneError
from fairprune.human.answers import read_sheets


def write(case, folder: Path) -> Path:
    """The case's file: `content` in an `encoding`, `hex`, or `sheets` of a spreadsheet."""
    path = folder / case["file"]
    if "sheets" in case:
        with xlsxwriter.Workbook(path) as book:
            for name, rows in case["sheets"].items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
    elif "hex" in case:
        path.write_bytes(bytes.fromhex(case["hex"]))
    elif not case.get("missing"):
        path.write_bytes(case["content"].encode(case.get("encoding", "utf-8")))
    return path


def refuse(case, folder: Path) -> str:
    """The line that the case's step refuses its file with; FILE stands for the file."""
    path = write(case, folder)
    with pytest.raises(FairpruneError) as refused:
        run(case, path, folder)
    return str(refused.value).replace(str(path), "FILE")


def run(case, path: Path, folder: Path) -> None:
    """Read the file: a task's split, general text, or an annotator's sheet."""
    step = case.get("step", "task")
    if step == "texts":
        read_texts(path)
    elif step == "sheet":
        read_sheets([path], ["p"])
    else:
        options = dict(case.get("options", {}))
        options |= options.pop("reading", {})
        options["grouping"] = Grouping(reuse=options.pop("reuse", False))
        prepare_task([path], folder / "out.parquet", split="test", **options)
