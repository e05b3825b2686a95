"""Attribution of each sentence by a text classifier, embedded or from Hugging Face."""

from collections.abc import Collection, Hashable, Sequence

import numpy as np

from fairprune.errors import FairpruneError
from fairprune.fairness.attributed import Attributed, Known, Writing, added, normalised
from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.embedded import fit
from fairprune.fairness.inputs import Item
from fairprune.fairness.quotes import cut
from fairprune.pruning.options import Option
from fairprune.text.sentences import sentences

PREDICTED, LABELS = "predicted", "labels"
OPTIONS = {
    "model": Option("", "folder or hub id of a text-classification model; none: embedded"),
    "revision": Option("", "the hub model's commit"),
    "labels": Option("", "MODEL_LABEL:GROUP,… (none: the model's labels are the groups)"),
    "source": Option(PREDICTED, "what p is counted from", choices=(PREDICTED, LABELS)),
}


def attribute(
    item: Item,
    written: Sequence[str],
    given: Sequence[str | None],
    source: Sequence[Sequence[str]],
    known: Sequence[Sequence[str | None]],
    p_from: str = PREDICTED,
) -> Attributed:
    """p and q of one item from the groups that the classifier gives to sentences.

    Args:
        written, given: the summary's sentences, and the group that each is given to.
        source, known: of every opinion its sentences, and the group that each is given to.
        p_from: `labels`: p is the share of labelled opinions.

    q: share of the summary's sentences given to each group present; a sentence given to none, or to
    an absent group, is unattributed. p: the same of the input's sentences.
    """
    groups = item.groups
    one = dict(zip(groups, np.eye(len(groups)), strict=True))
    units = _units(written, given, one)
    pool = [_units(texts, of, one) for texts, of in zip(source, known, strict=True)]
    gives: dict[Hashable, np.ndarray] = {
        unit: one[unit[1]] for part in (units, *pool) for unit in part
    }
    whole = added(groups, [gives[unit] for opinion in pool for unit in opinion])
    lost = len(given) - len(units)
    return Attributed(
        p=(item.label_shares() or None) if p_from == LABELS else normalised(whole),
        q=normalised(added(groups, [gives[unit] for unit in units])),
        unattributed=lost / len(given) if given else 0.0,
        sentences=[{group: 1.0} if group in one else None for group in given],
        writing=Writing(pool, units, gives),
        known=[
            Known(label, {of: 1.0} if of in one else {})
            for label, opinion in zip(item.labels, known, strict=True)
            if label is not None
            for of in opinion
        ],
    )


def _units(
    texts: Sequence[str], given: Sequence[str | None], groups: Collection[str]
) -> list[tuple[str, str]]:
    """The sentences that are given to one of the groups, each with its group."""
    return [
        (text, of) for text, of in zip(texts, given, strict=True) if of is not None and of in groups
    ]


@attribution("classifier", source="Huang et al. 2024-2026", needs=("train",), options=OPTIONS)
def classifier(
    items: Sequence[Item],
    context: Context,
    model: str = "",
    revision: str = "",
    labels: str = "",
    source: str = PREDICTED,
) -> Attributions:
    """Needs labelled opinions from outside these items, or a model (`classifier.model`)."""
    if model:
        from fairprune.fairness.sequence import load_classifier

        classify, figures = load_classifier(model, revision, labels, context)
    elif revision or labels:
        raise FairpruneError("classifier.revision and classifier.labels go with classifier.model")
    else:
        classify, figures = fit(context.train, context.groups)
    written = [cut(item.summary, item.opinions, context.language) for item in items]
    opinions = [[sentences(o, context.language) for o in item.opinions] for item in items]
    texts = [text for found in (*written, *(o for of in opinions for o in of)) for text in found]
    distinct = list(dict.fromkeys(texts))
    group = dict(zip(distinct, classify(distinct), strict=True))
    rows = [
        attribute(
            item,
            said,
            [group[text] for text in said],
            source_of,
            [[group[text] for text in opinion] for opinion in source_of],
            source,
        )
        for item, said, source_of in zip(items, written, opinions, strict=True)
    ]
    return Attributions(rows, figures)
