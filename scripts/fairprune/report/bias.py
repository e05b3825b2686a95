"""Rows of bias tasks: what every variant got on the items, beside what the dense model got."""

from fairprune.bias.pairs import ALL
from fairprune.io.cards import verified
from fairprune.io.tables import read_parquet
from fairprune.io.variants import Variant
from fairprune.report.results import Results
from fairprune.report.rows import VARIANT, Row, named

BIAS = (
    *(*VARIANT, "task", "metric", "stratum", "goal", "dense_value", "value"),
    *("difference", "difference_low", "difference_high"),
    *("flip_rate", "newly_biased", "no_longer_biased", "verdict", "reason", "marks"),
    *("worsening", "worsening_low", "worsening_high"),
    *("flip_low", "flip_high", "newly_low", "newly_high"),
    *("test", "p_value", "q_value", "margin", "n", "units"),
)


def bias_rows(results: Results) -> list[Row]:
    """One row a variant × task × metric × kind of items, those of all items first.

    `worsening` is the change of the distance from an ideal, or of the mean in the bad direction:
    positive is worse. `flip_rate`, `newly_biased` and `no_longer_biased` are shares of items.
    """
    kept = {str(variant) for variant in results.variants}
    rows = [
        {
            **row,
            **named(Variant.parse(row["variant"])),
            **{"difference_low": row["low"], "difference_high": row["high"]},
        }
        for path in results.bias
        for row in read_parquet(verified(path))
        if row["variant"] in kept
    ]
    return sorted(rows, key=lambda row: row["stratum"] != ALL)
