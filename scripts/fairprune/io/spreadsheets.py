"""Spreadsheets (.xlsx, .xls, .xlsb, .ods): the one sheet that holds something."""

import re
import zipfile
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError, UnsaidError, unknown
from fairprune.io.tables import bounded

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_ERROR = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*? t="e"')


def read_sheet(path: Path, sheet: str | None = None) -> tuple[list[list[Any]], list[str]]:
    """The cells of a sheet, row by row from its top left, and what to know of them, in words.

    Empty cells are "", and so are those that show an error (#NAME?), which is said.

    Args:
        path: the spreadsheet.
        sheet: a sheet's name; None: the only one that holds something.

    Raises:
        FairpruneError: no spreadsheet that can be read, no such sheet, or several to choose from.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _check_size(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            if sheet is not None and sheet not in names:
                raise unknown("sheet", sheet, names, f" in {path}")
            found = {
                name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in ([sheet] if sheet else names)
            }
    except (CalamineError, OSError) as error:
        raise FairpruneError(f"{path} is no spreadsheet that can be read: {error}") from None
    filled = [name for name, rows in found.items() if any(map(any, rows))] or list(found)[:1]
    if len(filled) > 1:
        raise UnsaidError(
            "sheet", f"{path} has several sheets with something in them: {', '.join(filled)}"
        )
    return found[filled[0]] if filled else [], _errors(path)


def _errors(path: Path) -> list[str]:
    """A note on cells that show an error, of the kinds that are packed XML (.xlsx, .xlsm)."""
    if not zipfile.is_zipfile(path):
        return []
    with zipfile.ZipFile(path) as packed:
        sheets = [name for name in packed.namelist() if _SHEET.fullmatch(name)]
        found = [cell.decode() for name in sheets for cell in _ERROR.findall(packed.read(name))]
    if not found:
        return []
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return [f"cells that show an error are empty: {', '.join(found[:5])}{more}"]


def _check_size(path: Path) -> None:
    """Refuse a packed spreadsheet that unpacks to far more than itself."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for _ in bounded(path, packed.infolist(), lambda part: part.file_size):
                pass
