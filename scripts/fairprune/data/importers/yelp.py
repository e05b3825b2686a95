"""Yelp Open Dataset: `yelp_academic_dataset_review.json`, one review a line."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.data.importers._layouts import STARS, single_opinions
from fairprune.io.table_files import Reading, Table, read_table


@importer("yelp", labels=STARS)
def yelp(path: Path, reading: Reading) -> Table:
    """One opinion a review: `text`, and `stars` as `label`; `business_id` serves `group_by`.

    Stars become groups where no other rule is given: 4 and 5 `pos`, 3 `neu`, 1 and 2 `neg`.

    Raises:
        FairpruneError: not JSON Lines, or no `text` or `stars`, as in the set's other files.
    """
    table = read_table(path, reading, kind="json")
    return single_opinions(table, "yelp", text="text", label="stars")
