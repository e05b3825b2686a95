"""Spreadsheets (.xlsx, .xls, .xlsb, .ods): the one sheet that holds something."""

import zipfile
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError, UnsaidError, unknown
from fairprune.io.tables import bounded


def read_sheet(path: Path, sheet: str | None = None) -> list[list[Any]]:
    """The cells of a sheet, row by row from its top left; empty ones are "".

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
    return found[filled[0]] if filled else []


def _check_size(path: Path) -> None:
    """Refuse a packed spreadsheet that unpacks to far more than itself."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for _ in bounded(path, packed.infolist(), lambda part: part.file_size):
                pass
