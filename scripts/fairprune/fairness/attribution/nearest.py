"""Attribution of each summary sentence to the most similar opinion of the same input."""

from collections.abc import Sequence

from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.inputs import Attributed, Item, normalised
from fairprune.pruning.options import Option
from fairprune.quality.similar import FLOOR, nearest_opinions
from fairprune.quality.text import sentences

OPTIONS = {"floor": Option(FLOOR, "smallest cosine that attributes a sentence", low=0, high=1)}


def attribute(item: Item, floor: float = FLOOR) -> Attributed:
    """p, q and coverage of one item.

    p: share of labelled opinions. q: share of the sentences whose most similar opinion (TF-IDF
    cosine) is the group's, over the sentences that reach `floor`; one that is nearest to an
    opinion with an ignored label is unattributed. Coverage of an opinion: the share of the
    attributed sentences that it got.
    """
    found = sentences(item.summary)
    nearest = nearest_opinions(found, item.opinions, floor)
    given = [None if index is None else item.labels[index] for index in nearest]
    got = [0] * len(item.opinions)
    for index, label in zip(nearest, given, strict=True):
        if label is not None:
            got[index] += 1
    counts = {
        group: sum(n for n, label in zip(got, item.labels, strict=True) if label == group)
        for group in item.groups
    }
    total = sum(got)
    return Attributed(
        p=item.label_shares() or None,
        q=normalised(counts),
        coverage=[n / total for n in got] if total else None,
        unattributed=1 - total / len(found) if found else 0.0,
        sentences=[None if label is None else {label: 1.0} for label in given],
    )


@attribution("nearest", source="this project", gives=("shares", "coverage"), options=OPTIONS)
def nearest(items: Sequence[Item], context: Context, floor: float = FLOOR) -> Attributions:
    """Needs nothing but the texts; deterministic."""
    return Attributions([attribute(item, floor) for item in items])
