"""How far the attributions agree: do two of them put the variants in the same order?"""

from itertools import combinations, groupby
from typing import Any

from fairprune.fairness.agreement import rank_correlation
from fairprune.report.tables import Row


def agreement(rows: list[Row]) -> list[dict[str, Any]]:
    """Spearman's ρ of the variants under each two attributions, over all inputs.

    Args:
        rows: the fairness table. Broken variants and undefined values are left out.

    Returns:
        A row a model, task, metric and pair: `first, second, rho, n`; ρ is None for fewer than 3
        variants or where one attribution puts all on a level.
    """

    def key(row: Row) -> tuple:
        return row["model"], row["task"], row["metric"]

    usable = [r for r in rows if r["stratum"] == "all" and r["value"] is not None]
    usable = [r for r in usable if not r["broken"]]
    found = []
    for (model, task, metric), group in groupby(sorted(usable, key=key), key=key):
        values: dict[str, dict[tuple, float]] = {}
        for row in group:
            variant = (row["method"], row["calibration"], row["sparsity"])
            values.setdefault(row["attribution"], {})[variant] = row["value"]
        for first, second in combinations(values, 2):
            both = sorted(values[first].keys() & values[second].keys())
            rho = rank_correlation(*([values[name][v] for v in both] for name in (first, second)))
            found.append(
                {"model": model, "task": task, "metric": metric, "first": first, "second": second}
                | {"rho": rho, "n": len(both)}
            )
    return found
