"""Amazon Reviews of 2023 (Hou et al., 2024): JSON Lines, packed or not."""

from pathlib import Path

from fairprune.data.importers import importer
from fairprune.data.importers._layouts import STARS, plain, single_opinions, without_blank
from fairprune.io.table_files import Reading, Table, read_table


@importer("amazon-2023", labels=STARS)
def amazon_2023(path: Path, reading: Reading) -> Table:
    """One opinion a review: `text`, and `rating` as `label`; `parent_asin` serves `group_by`.

    Stars become groups where no other rule is given: 4 and 5 `pos`, 3 `neu`, 1 and 2 `neg`.
    Reviews without a text are left out and counted; HTML is resolved.

    Raises:
        FairpruneError: not JSON Lines, or no `text` or `rating`, as in the files of products.
    """
    table = read_table(path, reading, kind="json")
    options = {"text": "text", "label": "rating"}
    return without_blank(single_opinions(table, "amazon-2023", **options, rewrite=plain))
