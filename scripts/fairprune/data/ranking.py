"""Inputs ordered by how fairly the dense model summarised them."""

from collections.abc import Sequence
from pathlib import Path

from fairprune.data.opinions import Opinions
from fairprune.errors import FairpruneError
from fairprune.io.cards import verified
from fairprune.io.tables import read_parquet

ATTRIBUTION = "tokens"
SHARE = 0.5

# Mix → whether the fairest inputs are taken, or the least fair ones.
RANKED_MIXES = {"unbias_equal_representation": True, "bias_equal_representation": False}


def ranked_half(inputs: Sequence[Opinions], fairness: Path | None, mix: str) -> list[Opinions]:
    """The half of the judged inputs with the fairest, or least fair, summaries, in task order.

    The measure is the input's UER, `(1/K) Σ max(0, p − q)`, of the attribution `tokens` where
    the file has it, else of its first one; ties go by the task's order. Inputs without a valid
    summary or with fewer than two groups are left out.

    Args:
        inputs: the calibration split.
        fairness: the Parquet of evaluate_fairness.py on the dense model's summaries of it.
        mix: a key of RANKED_MIXES.

    Raises:
        FairpruneError: no file, or one that judges none of these inputs.
    """
    if fairness is None:
        raise FairpruneError(
            f"mix {mix!r} needs --fairness FILE: the Parquet of evaluate_fairness.py on the dense "
            "model's summaries of the same inputs"
        )
    unfairness = _unfairness(fairness)
    judged = [item for item in inputs if item.id in unfairness]
    if not judged:
        raise FairpruneError(f"{fairness} judges none of these inputs: take the same task's file")
    sign = 1 if RANKED_MIXES[mix] else -1
    ranked = sorted(judged, key=lambda item: sign * unfairness[item.id])
    taken = {item.id for item in ranked[: max(1, round(SHARE * len(ranked)))]}
    return [item for item in judged if item.id in taken]


def _unfairness(fairness: Path) -> dict[str, float]:
    """UER of each input with a valid summary and at least two groups; the mean over samples."""
    rows = read_parquet(verified(fairness))
    try:
        names = [row["attribution"] for row in rows]
        name = ATTRIBUTION if ATTRIBUTION in names else next(iter(names), None)
        gaps: dict[str, list[float]] = {}
        groups: dict[str, set[str]] = {}
        for row in rows:
            if row["attribution"] == name and row["valid"] and row["q"] is not None:
                gaps.setdefault(row["id"], []).append(max(0.0, row["p"] - row["q"]))
                groups.setdefault(row["id"], set()).add(row["group"])
    except (KeyError, TypeError):
        raise FairpruneError(
            f"{fairness}: columns id, attribution, group, p, q, valid are expected"
        ) from None
    return {
        name: sum(values) / len(values) for name, values in gaps.items() if len(groups[name]) > 1
    }
