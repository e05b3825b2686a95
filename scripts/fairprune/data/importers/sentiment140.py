"""Sentiment140 (Go et al., 2009): CSV without a header, in an old encoding."""

import html
from pathlib import Path

from fairprune.data.importers import importer
from fairprune.data.importers._layouts import read_encoded, single_opinions
from fairprune.io.table_files import Reading, Table

COLUMNS = ("polarity", "tweet", "date", "query", "user", "text")


@importer("sentiment140", labels={"neg": [0], "neu": [2], "pos": [4]})
def sentiment140(path: Path, reading: Reading) -> Table:
    """One opinion a tweet: `text` (HTML entities resolved), and the polarity as `label`.

    0 is `neg`, 2 `neu` (in the test file alone), 4 `pos`. The columns are called `polarity`,
    `tweet` (its id), `date`, `query`, `user` and `text`; `query` is `NO_QUERY` throughout the
    training file, and a topic in the test file.

    Raises:
        FairpruneError: other than six columns.
    """
    table = read_encoded(path, reading, kind="csv", names=COLUMNS)
    options = {"text": "text", "label": "polarity"}
    return single_opinions(table, "sentiment140", **options, rewrite=html.unescape)
