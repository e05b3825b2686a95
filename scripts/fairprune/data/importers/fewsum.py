"""FewSum (Bražinskas et al., EMNLP 2020): tab-separated, 8 reviews and 3 summaries a row."""

import re
from pathlib import Path
from typing import Any

from fairprune.data.importers import importer
from fairprune.data.importers._layouts import STARS
from fairprune.errors import FairpruneError
from fairprune.io.table_files import Reading, Table, read_table


@importer("fewsum", labels=STARS)
def fewsum(path: Path, reading: Reading) -> Table:
    """One row a product: `rev1`… as opinions, `summ1`… as references, `rating1`… as labels.

    Stars become groups where no other rule is given: 4 and 5 `pos`, 3 `neu`, 1 and 2 `neg`. The
    header is `cat, group_id, rev1…rev8, summ1…summ3, rating1…rating8`, as in `gold_summs/*.csv` of
    the public repository.

    Raises:
        FairpruneError: no such columns; the Yelp part has no ratings, and so no labels.
    """
    return read_table(path, reading, kind="tsv").mapped(_row)


def _row(raw: dict[str, Any], where: str) -> dict[str, Any]:
    reviews, ratings = _numbered(raw, "rev"), _numbered(raw, "rating")
    if not reviews:
        raise FairpruneError(f"{where}: no columns rev1, rev2, … (tab-separated): not FewSum")
    if set(ratings) != set(reviews):
        raise FairpruneError(
            f"{where}: {len(reviews)} reviews but {len(ratings)} columns rating1, …; without "
            "ratings there are no groups (label the reviews and give them as JSON Lines)"
        )
    row: dict[str, Any] = {
        "opinions": [reviews[number] for number in sorted(reviews)],
        "labels": [ratings[number] for number in sorted(reviews)],
        "references": [text for _, text in sorted(_numbered(raw, "summ").items())],
    }
    return row | ({"id": raw["group_id"]} if "group_id" in raw else {})


def _numbered(raw: dict[str, Any], name: str) -> dict[int, str]:
    found = ((re.fullmatch(rf"{name}(\d+)", column), value) for column, value in raw.items())
    return {int(match[1]): value for match, value in found if match}
