"""How often a classifier is right, for the record beside every figure that rests on it."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def accuracy(true: Sequence[str], given: Sequence[str | None]) -> dict[str, Any]:
    """Accuracy and confusion of given labels; one that is None is wrong.

    Returns `labels` (sorted), `accuracy` in [0, 1], `confusion` (rows: true, columns: given, in
    that order) and `unattributed`, how many of each row were given to none.
    """
    labels = sorted(set(true))
    place = {label: number for number, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels) + 1), dtype=int)
    for one, other in zip(true, given, strict=True):
        table[place[one], -1 if other is None else place.get(other, -1)] += 1
    return {
        "labels": labels,
        "accuracy": round(float(np.trace(table[:, :-1]) / len(true)), 12),
        "confusion": table[:, :-1].tolist(),
        "unattributed": table[:, -1].tolist(),
    }
