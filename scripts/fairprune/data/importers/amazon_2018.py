"""Amazon Review Data of 2018 (Ni et al., EMNLP 2019): JSON Lines, mostly packed (`.json.gz`)."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.data.importers._layouts import STARS, plain, single_opinions, without_blank
from fairprune.io.table_files import Reading, Table, read_table


@importer("amazon-2018", labels=STARS)
def amazon_2018(path: Path, reading: Reading) -> Table:
    """One opinion a review: `reviewText`, and `overall` as `label`; `asin` serves `group_by`.

    Stars become groups where no other rule is given: 4 and 5 `pos`, 3 `neu`, 1 and 2 `neg`.
    Reviews without a text are left out and counted; HTML is resolved. `summary`, a review's title,
    is no summary.

    Raises:
        FairpruneError: not JSON Lines, or no `reviewText` or `overall`.
    """
    table = read_table(path, reading, kind="json")
    options = {"text": "reviewText", "label": "overall"}
    return without_blank(single_opinions(table, "amazon-2018", **options, rewrite=plain))
