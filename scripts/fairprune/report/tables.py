"""The tidy tables of a run: one row a figure, in a fixed order, ready for any statistics program.

Nothing in them depends on when or how fast a run was, so that the same run gives the same bytes;
but for `costs`, which says how fast it was.
"""

from pathlib import Path

from fairprune.io.cards import write_card
from fairprune.report.abilities import LANGUAGE, PRUNING, language_rows, pruning_rows
from fairprune.report.annotation import ANNOTATION, annotation_rows
from fairprune.report.bias import BIAS, bias_rows
from fairprune.report.costs import COSTS, cost_rows
from fairprune.report.csv_files import write_csv
from fairprune.report.instruments import INSTRUMENTS, SHARES, instrument_rows, share_rows
from fairprune.report.judged import (
    AGAINST,
    FAIRNESS,
    QUALITY,
    against_rows,
    fairness_rows,
    quality_rows,
)
from fairprune.report.overlap import OVERLAP, overlap_rows
from fairprune.report.questions import (
    AGREEMENT,
    FIRST,
    PARETO,
    agreement,
    first_differences,
    fronts,
)
from fairprune.report.results import Results
from fairprune.report.rows import Row
from fairprune.report.variance import DECOMPOSITION, variance_rows

COLUMNS = {  # names.TABLES says the same without importing all this
    "fairness": FAIRNESS,
    "quality": QUALITY,
    "language": LANGUAGE,
    "bias": BIAS,
    "pruning": PRUNING,
    "costs": COSTS,
    "shares": SHARES,
    "instruments": INSTRUMENTS,
    "against": AGAINST,
    "overlap": OVERLAP,
    "decomposition": DECOMPOSITION,
    "pareto": PARETO,
    "first_difference": FIRST,
    "agreement": AGREEMENT,
    "annotation": ANNOTATION,
}


def build_tables(results: Results, output: Path) -> list[Path]:
    """Write every table of `COLUMNS` as CSV into a folder, those with nothing to say as a header.

    The first six hold the figures, the next who is heard how much, how well each attribution sees,
    and the comparisons with other methods; the others what follows from them: how far variants
    prune the same weights, what moves fairness (method, calibration set or draw), the front of
    fairness and quality, where each method first differs from the dense model, how far attributions
    agree, and what people said.

    Args:
        results: what `find_results` found of a run.
        output: the folder of the tables.
    """
    made = [
        write_csv(output / f"{name}.csv", rows, COLUMNS[name])
        for name, rows in tables(results).items()
    ]
    for file in made:
        write_card(
            file,
            stage="build_tables",
            files=[file],
            parameters={},
            inputs={"results": results.digest},
        )
    return made


def tables(results: Results) -> dict[str, list[Row]]:
    """Every table by name, each row with the columns of `COLUMNS`."""
    fairness, quality = fairness_rows(results), quality_rows(results)
    return {
        "fairness": fairness,
        "quality": quality,
        "language": language_rows(results),
        "bias": bias_rows(results),
        "pruning": pruning_rows(results),
        "costs": cost_rows(results),
        "shares": share_rows(results),
        "instruments": instrument_rows(results),
        "against": against_rows(results),
        "overlap": overlap_rows(results),
        "decomposition": variance_rows(results.evaluations, fairness),
        "pareto": fronts(results),
        "first_difference": first_differences(fairness),
        "agreement": agreement(results),
        "annotation": annotation_rows(results),
    }
