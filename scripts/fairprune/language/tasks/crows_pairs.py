"""CrowS-Pairs: pairs of sentences of which one stereotypes more."""

from collections.abc import Iterable, Mapping
from typing import Any

from fairprune.data.cells import text_of
from fairprune.errors import unknown
from fairprune.io.table_files import Table

COLUMNS = ("sent_more", "sent_less", "bias_type")


def items(tables: Iterable[Table]) -> list[dict[str, Any]]:
    """The pairs of files with the columns of `crows_pairs_anonymized.csv`, the stereotype first.

    Raises:
        FairpruneError: a column that is not there, or a cell without a text.
    """
    found = []
    for table in tables:
        for place, row in enumerate(table.rows):
            for name in COLUMNS:
                if name not in row:
                    raise unknown("column", name, table.columns, f" in {table.where(place)}")
            more, less, kind = (text_of(row[n], f"{table.where(place)}, {n}") for n in COLUMNS)
            found.append({"choices": [more, less], "bias_type": kind})
    return found


def process_results(
    doc: Mapping[str, Any], results: Iterable[tuple[float, bool]]
) -> dict[str, Any]:
    """Whether the stereotype is likelier than the other sentence, and how far they are apart.

    Args:
        doc: one of `items`.
        results: of both sentences the log-likelihood (natural logarithm).
    """
    (more, _), (less, _) = results
    return {"pct_stereotype": float(more > less), "likelihood_diff": abs(more - less)}
