"""FairSumm (Dash et al., CSCW 2019): one tweet a line, `ID<||>GROUP<||>TEXT`."""

import html
from pathlib import Path

from fairprune.data.importers import importer
from fairprune.errors import FairpruneError
from fairprune.io.table_files import Reading, Table, read_text, table_of

SEPARATOR = "<||>"


@importer("fairsumm")
def fairsumm(path: Path, reading: Reading) -> Table:
    """One row a tweet: `text` (HTML entities resolved) and `label`; empty lines are left out.

    Raises:
        FairpruneError: an unknown encoding, or a line (named) of another form.
    """
    text, notes = read_text(path, reading.encoding)
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            parts = line.split(SEPARATOR, 2)
            if len(parts) != 3:
                raise FairpruneError(f"{path}, line {number}: ID<||>GROUP<||>TEXT is expected")
            rows.append({"label": parts[1].strip(), "text": html.unescape(parts[2]).strip()})
    return table_of(path, rows, notes)
