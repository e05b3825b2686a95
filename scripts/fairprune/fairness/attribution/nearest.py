"""Attribution of each summary sentence to the most similar opinion of the same input."""

from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from fairprune.errors import FairpruneError
from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.inputs import Attributed, Item, normalised
from fairprune.pruning.options import Option
from fairprune.quality.similar import FLOOR, nearest_columns, similarities
from fairprune.quality.text import sentences

OPTIONS = {
    "floor": Option(FLOOR, "smallest cosine that attributes a sentence", low=0, high=1),
    "model": Option("", "folder or hub id of a sentence-embedding model; none: TF-IDF"),
    "revision": Option("", "the hub model's commit"),
}


def attribute(item: Item, floor: float = FLOOR, cosines: np.ndarray | None = None) -> Attributed:
    """p, q and coverage of one item.

    p: share of labelled opinions. q: share of the sentences whose most similar opinion (`cosines`,
    sentences × opinions; by default of TF-IDF) is the group's, over the sentences that reach
    `floor`; one that is nearest to an opinion with an ignored label is unattributed. Coverage of
    an opinion: the share of the attributed sentences that it got.
    """
    found = sentences(item.summary)
    cosines = similarities(found, item.opinions) if cosines is None else cosines
    nearest = nearest_columns(cosines, floor)
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
def nearest(
    items: Sequence[Item],
    context: Context,
    floor: float = FLOOR,
    model: str = "",
    revision: str = "",
) -> Attributions:
    """Needs nothing but the texts, and is deterministic; with a model, its sentence vectors."""
    if not model:
        if revision:
            raise FairpruneError("nearest.revision goes with nearest.model")
        return Attributions([attribute(item, floor) for item in items])
    from fairprune.fairness.language_models import load_judge
    from fairprune.fairness.sentence_vectors import embedded_cosines

    judge = load_judge("AutoModel", model, revision, context.device)
    rows = [
        attribute(item, floor, embedded_cosines(judge, sentences(item.summary), item.opinions))
        for item in tqdm(items, desc="nearest", disable=None)
    ]
    return Attributions(rows, judge.figures)
