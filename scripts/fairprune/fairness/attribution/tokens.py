"""Attribution by content tokens, the n-gram matching of PerspectiveSumm with n = 1."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence

import numpy as np

from fairprune.fairness.attributed import Attributed, Known, Writing, added, normalised
from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.inputs import Item
from fairprune.fairness.quotes import cut
from fairprune.pruning.options import Option
from fairprune.text.languages import ENGLISH
from fairprune.text.sentences import sentences
from fairprune.text.words import content_tokens

OPTIONS = {
    "source_share": Option(False, "p is the share of content tokens a group's opinions hold"),
}


def attribute(item: Item, source_share: bool = False, language: str = ENGLISH) -> Attributed:
    """p and q of one item by counting content tokens.

    q: each content token of the summary gives 1 to every group whose opinions contain it;
    normalised. p: the same counting over the whole input, opinions with ignored labels
    included, so that copying everything is exactly fair; with `source_share` the share of the
    content tokens that each group's opinions hold, as published.
    """
    groups = item.groups
    opinions = [content_tokens(text, language) for text in item.opinions]
    holders = _holders(opinions, item.labels)
    gives: dict[Hashable, np.ndarray] = {
        token: np.array([float(counts[group] > 0) for group in groups])
        for token, counts in holders.items()
    }
    source = [[token for token in opinion if token in gives] for opinion in opinions]
    summary = content_tokens(item.summary, language)
    written = [token for token in summary if token in gives]
    sizes = dict.fromkeys(groups, 0)
    for label, opinion in zip(item.labels, opinions, strict=True):
        if label is not None:
            sizes[label] += len(opinion)
    whole = added(groups, [gives[token] for opinion in source for token in opinion])
    return Attributed(
        p=normalised(sizes if source_share else whole),
        q=normalised(added(groups, [gives[token] for token in written])),
        unattributed=1 - len(written) / len(summary) if summary else 0.0,
        sentences=[
            normalised(added(groups, [gives[token] for token in tokens if token in gives]))
            for tokens in (content_tokens(s, language) for s in _cut(item, language))
        ],
        writing=Writing(source, written, gives),
        known=list(_known(item, holders, language)),
    )


def _cut(item: Item, language: str) -> Sequence[str]:
    return cut(item.summary, item.opinions, language)


def _holders(
    opinions: Sequence[Sequence[str]], labels: Sequence[str | None]
) -> dict[str, Counter[str]]:
    """Token → how many opinions of each group hold it; tokens that no group's opinion holds aside.

    With one opinion taken out, a group still holds a token if this was not its only one.
    """
    found: dict[str, Counter[str]] = {}
    for opinion, label in zip(opinions, labels, strict=True):
        if label is not None:
            for token in set(opinion):
                found.setdefault(token, Counter())[label] += 1
    return found


def _known(item: Item, holders: Mapping[str, Counter[str]], language: str) -> Iterator[Known]:
    for text, label in zip(item.opinions, item.labels, strict=True):
        if label is None:
            continue
        own = frozenset(content_tokens(text, language))
        for sentence in sentences(text, language):
            quoted, left = dict.fromkeys(item.groups, 0), dict.fromkeys(item.groups, 0)
            for token in content_tokens(sentence, language):
                for group, count in holders.get(token, {}).items():
                    quoted[group] += 1
                    left[group] += count > (group == label and token in own)
            yield Known(label, normalised(quoted) or {}, normalised(left) or {})


@attribution("tokens", source="Zhang et al., NAACL 2024 (PerspectiveSumm)", options=OPTIONS)
def tokens(items: Sequence[Item], context: Context, source_share: bool = False) -> Attributions:
    """Needs nothing but the texts; deterministic."""
    return Attributions([attribute(item, source_share, context.language) for item in items])
