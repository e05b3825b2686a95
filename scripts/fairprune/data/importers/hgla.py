"""HGLA (Huang et al., EMNLP 2025): pickled pandas tables, read in a process of their own."""

import json
import subprocess
import sys
from pathlib import Path

from fairprune.data.importers import CONVERT, importer
from fairprune.errors import FairpruneError
from fairprune.io.table_files import Reading, Table, table_of

READER = Path(__file__).with_name("_pickled_table.py")
SECONDS = 300


@importer("hgla")
def hgla(path: Path, reading: Reading) -> Table:
    """The rows of a pickled table: `input` (a text with ` || `, or a list), `label`, ….

    A pickle can run code when it is read. This one is read by `_pickled_table.py`, which lets
    in nothing but tables, in a process that can write no file.

    Raises:
        FairpruneError: the pickle asks for anything else (named), or holds no table.
    """
    with path.open("rb") as stream:
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(READER)],
                stdin=stream,
                capture_output=True,
                timeout=SECONDS,
                env={},
            )
        except subprocess.TimeoutExpired:
            raise FairpruneError(f"{path} was not read within {SECONDS} s: {CONVERT}") from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["it crashed"]
        raise FairpruneError(f"{path} is refused: {lines[-1][:200]}; {CONVERT}")
    return table_of(path, json.loads(done.stdout))
