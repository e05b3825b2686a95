"""Yelp Review Polarity (Zhang et al., NIPS 2015): CSV without a header, `"CLASS","TEXT"`."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.data.importers._layouts import single_opinions
from fairprune.io.table_files import Reading, Table, read_table

COLUMNS = ("class", "text")


@importer("yelp-polarity", labels={"neg": [1], "pos": [2]})
def yelp_polarity(path: Path, reading: Reading) -> Table:
    r"""One opinion a review: `text`, and the class as `label`: 1 is `neg`, 2 `pos`.

    In the file a line break is a backslash and an `n`, and some quotes have a backslash before
    them; the texts have neither. No column says what a review is about.

    Raises:
        FairpruneError: other than two columns.
    """
    table = read_table(path, reading, kind="csv", names=COLUMNS)
    return single_opinions(table, "yelp-polarity", text="text", label="class", rewrite=_unescaped)


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace('\\"', '"')
