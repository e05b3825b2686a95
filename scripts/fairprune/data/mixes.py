"""The mix of an input: in which shares it holds the groups."""

from collections import Counter
from collections.abc import Collection, Sequence

HEAVY_PERCENT = 55


def derive_mix(labels: Sequence[str], ignore: Collection[str] = ()) -> str:
    """The mix that labels show: `LABEL-only`, `LABEL-heavy` (share over 0.55) or `balanced`.

    Ignored labels do not count; an input with no other label is `unlabelled`.
    """
    counts = Counter(label for label in labels if label not in ignore)
    if not counts:
        return "unlabelled"
    label, most = counts.most_common(1)[0]
    if len(counts) == 1:
        return f"{label}-only"
    heavy = most * 100 > HEAVY_PERCENT * counts.total()
    return f"{label}-heavy" if heavy else "balanced"
