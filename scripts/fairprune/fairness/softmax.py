"""Scores of groups as shares."""

import math
from collections.abc import Mapping

TEMPERATURE = 0.1


def softmax(scores: Mapping[str, float], temperature: float = TEMPERATURE) -> dict[str, float]:
    """`exp(s_k / T) / Σ exp(s / T)` over groups; sums to 1.

    Source: Zhang et al., NAACL 2024 (PerspectiveSumm), with T = 0.1.
    """
    highest = max(scores.values())
    powers = {group: math.exp((s - highest) / temperature) for group, s in scores.items()}
    total = sum(powers.values())
    return {group: power / total for group, power in powers.items()}
