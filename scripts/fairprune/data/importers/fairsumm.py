"""FairSumm (Dash et al., CSCW 2019): one tweet a line, `ID<||>GROUP<||>TEXT`."""

import html
from pathlib import Path
from typing import Any

from fairprune.data.importers import importer
from fairprune.errors import FairpruneError

SEPARATOR = "<||>"


@importer("fairsumm")
def fairsumm(path: Path) -> list[dict[str, Any]]:
    """One row a tweet: `text` (HTML entities resolved) and `label`; empty lines are left out.

    Raises:
        FairpruneError: not UTF-8, or a line (named) of another form.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise FairpruneError(f"{path} is not UTF-8: {error}") from None
    rows = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            parts = line.split(SEPARATOR, 2)
            if len(parts) != 3:
                raise FairpruneError(f"{path}, line {number}: ID<||>GROUP<||>TEXT is expected")
            rows.append({"label": parts[1].strip(), "text": html.unescape(parts[2]).strip()})
    return rows
