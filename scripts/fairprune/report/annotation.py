"""Rows of what people said who compared pruned variants with other models."""

from fairprune.errors import FairpruneError
from fairprune.io.cards import verified
from fairprune.io.tables import read_json
from fairprune.io.variants import Variant
from fairprune.report.results import Results
from fairprune.report.rows import VARIANT, Row, named

ANNOTATION = (
    *(*VARIANT, "against", "task", "question", "value", "low", "high", "n"),
    *("wins", "ties", "losses", "identical", "annotators", "alpha", "alpha_pairs"),
)


def annotation_rows(results: Results) -> list[Row]:
    """One row a variant, model that it meets, task and question: how often it was preferred.

    `value` with `low` and `high` is the win rate (0.5: no difference), `n` its inputs; `alpha` is
    Krippendorff's, of all pairs of the task that two annotators or more have judged
    (`alpha_pairs`).
    """
    rows, kept = [], {str(variant) for variant in results.variants}
    for path in results.annotation:
        found, task = read_json(verified(path)), path.parts[-2]
        try:
            agreement = {row["question"]: row for row in found["agreement"]}
            rows += [
                {
                    **named(Variant.parse(rate["variant"])),
                    "against": rate["against"],
                    **{key: rate[key] for key in ANNOTATION[6:15]},
                    "task": task,
                    "annotators": len(found["annotators"]),
                    "alpha": agreement[rate["question"]]["alpha"],
                    "alpha_pairs": agreement[rate["question"]]["pairs"],
                }
                for rate in found["win_rates"]
                if rate["variant"] in kept
            ]
        except (KeyError, TypeError, ValueError):
            raise FairpruneError(
                f"{path} is no result of read_annotation.py: make it again with that step"
            ) from None
    return rows
