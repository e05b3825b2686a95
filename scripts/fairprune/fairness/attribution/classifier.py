"""Attribution of each summary sentence by a text classifier, embedded or from Hugging Face."""

from collections.abc import Sequence
from itertools import islice

from fairprune.errors import FairpruneError
from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.embedded import fit
from fairprune.fairness.inputs import Attributed, Item, normalised
from fairprune.pruning.options import Option
from fairprune.quality.text import sentences

OPTIONS = {
    "model": Option("", "folder or hub id of a text-classification model; none: embedded"),
    "revision": Option("", "the hub model's commit"),
    "labels": Option("", "MODEL_LABEL:GROUP,… (none: the model's labels are the groups)"),
}


def attribute(item: Item, given: Sequence[str | None]) -> Attributed:
    """p and q of one item from the groups `given` to its summary's sentences.

    p: share of labelled opinions. q: share of the sentences of each group present; a sentence
    given to none, or to an absent group, is unattributed.
    """
    counts = {group: given.count(group) for group in item.groups}
    lost = len(given) - sum(counts.values())
    return Attributed(
        p=item.label_shares() or None,
        q=normalised(counts),
        unattributed=lost / len(given) if given else 0.0,
        sentences=[{group: 1.0} if group in counts else None for group in given],
    )


@attribution("classifier", source="Huang et al. 2024-2026", needs=("train",), options=OPTIONS)
def classifier(
    items: Sequence[Item], context: Context, model: str = "", revision: str = "", labels: str = ""
) -> Attributions:
    """Needs labelled opinions from outside these items, or a model (`classifier.model`)."""
    if model:
        from fairprune.fairness.sequence import load_classifier

        classify, figures = load_classifier(model, revision, labels, context)
    elif revision or labels:
        raise FairpruneError("classifier.revision and classifier.labels go with classifier.model")
    else:
        classify, figures = fit(context.train, context.groups)
    found = [sentences(item.summary) for item in items]
    given = iter(classify([text for texts in found for text in texts]))
    rows = [
        attribute(item, list(islice(given, len(texts))))
        for item, texts in zip(items, found, strict=True)
    ]
    return Attributions(rows, figures)
