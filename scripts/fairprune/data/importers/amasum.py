"""AmaSum (Bražinskas et al., EMNLP 2021): a JSON file a product, with reviews and summaries."""

from pathlib import Path
from typing import Any

from fairprune.data.importers import importer
from fairprune.data.importers._layouts import STARS, listed, plain
from fairprune.errors import FairpruneError
from fairprune.io.table_files import Reading, Row, Table, read_table, read_text, stem_of, table_of
from fairprune.io.tables import parse_json


@importer("amasum", labels=STARS)
def amasum(path: Path, reading: Reading) -> Table:
    """One input a product: the texts of `customer_reviews`, `rating` as labels.

    A product is `{"customer_reviews": [{"text", "rating", …}], "website_summaries": [{"verdict",
    "pros": […], "cons": […]}]}`, in a file of its own whose name (the ASIN) is the id, or one of
    many as JSON Lines or an array. A reference is a website's verdict, pros and cons, a line each.
    HTML is resolved. Stars become groups where no other rule is given: 4 and 5 `pos`, 3 `neu`, 1
    and 2 `neg`.

    Raises:
        FairpruneError: another form.
    """
    text, notes = read_text(path, reading.encoding)
    try:
        product = parse_json(text)
    except (ValueError, RecursionError):
        product = None
    if isinstance(product, dict):
        return table_of(path, [{"id": stem_of(path), **product}], notes).mapped(_row)
    return read_table(path, reading, kind="json").mapped(_row)


def _row(product: Row, where: str) -> Row:
    reviews = listed(product.get("customer_reviews"), where, "customer_reviews")
    row: Row = {"opinions": [], "labels": []}
    for number, review in enumerate(reviews, 1):
        if not isinstance(review, dict) or not isinstance(review.get("text"), str):
            raise FairpruneError(
                f'{where}, review {number}: {{"text": …, "rating": …}} is expected'
            )
        row["opinions"].append(plain(review["text"]))
        row["labels"].append(review.get("rating"))
    summaries = listed(product.get("website_summaries"), where, "website_summaries")
    row["references"] = [_reference(summary, where) for summary in summaries]
    return row | ({"id": product["id"]} if "id" in product else {})


def _reference(summary: Any, where: str) -> str:
    try:
        lines = [summary["verdict"], *summary["pros"], *summary["cons"]]
        return "\n".join(line.strip() for line in lines if line.strip())
    except (KeyError, TypeError, AttributeError):
        raise FairpruneError(
            f'{where}: website_summaries: {{"verdict": …, "pros": […], "cons": […]}} is expected'
        ) from None
