"""How far annotators agree beyond chance."""

from collections import Counter
from collections.abc import Hashable, Sequence


def krippendorff_alpha(units: Sequence[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal answers: 1 agreement, 0 chance, below 0 less than chance.

    `1 − observed / expected disagreement`, both from coincidences: every ordered pair of answers
    to one unit, weighted by 1 over the unit's number of answers less one. Any number of
    annotators, answers may be missing. Source: Krippendorff, Computing Krippendorff's
    Alpha-Reliability, 2011.

    Args:
        units: of each unit the answers that it got, in any order.

    Returns:
        alpha; None where no unit has two answers, or all answers of such units are the same.
    """
    paired = [Counter(answers) for answers in units if len(answers) >= 2]
    totals: Counter[Hashable] = sum(paired, Counter())
    n = totals.total()
    observed = sum(_disagreeing(unit) / (unit.total() - 1) for unit in paired)
    expected = _disagreeing(totals)
    return 1 - (n - 1) * observed / expected if expected else None


def _disagreeing(counts: Counter[Hashable]) -> int:
    """Ordered pairs of different answers."""
    return counts.total() ** 2 - sum(count**2 for count in counts.values())
