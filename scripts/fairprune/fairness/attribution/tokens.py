"""Attribution by content tokens, the n-gram matching of PerspectiveSumm with n = 1."""

from collections.abc import Iterable, Mapping, Sequence

from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.inputs import Attributed, Item, normalised
from fairprune.pruning.options import Option
from fairprune.quality.text import content_tokens, sentences

OPTIONS = {
    "source_share": Option(False, "p is the share of content tokens a group's opinions hold"),
}


def count_tokens(
    tokens: Iterable[str], vocabularies: Mapping[str, frozenset[str]]
) -> dict[str, int]:
    """Every token gives 1 to every group whose vocabulary holds it: group → count."""
    counts = dict.fromkeys(vocabularies, 0)
    for token in tokens:
        for group, vocabulary in vocabularies.items():
            counts[group] += token in vocabulary
    return counts


def attribute(item: Item, source_share: bool = False) -> Attributed:
    """p and q of one item by counting content tokens.

    q: each content token of the summary gives 1 to every group whose opinions contain it;
    normalised. p: the same counting over the whole input, opinions with ignored labels
    included, so that copying everything is exactly fair; with `source_share` the share of the
    content tokens that each group's opinions hold, as published.
    """
    by_group = {
        group: [token for text in item.texts(group) for token in content_tokens(text)]
        for group in item.groups
    }
    vocabularies = {group: frozenset(tokens) for group, tokens in by_group.items()}
    summary = content_tokens(item.summary)
    whole = [token for text in item.opinions for token in content_tokens(text)]
    sizes = {group: len(tokens) for group, tokens in by_group.items()}
    source = sizes if source_share else count_tokens(whole, vocabularies)
    known = frozenset().union(*vocabularies.values())
    lost = sum(token not in known for token in summary)
    return Attributed(
        p=normalised(source),
        q=normalised(count_tokens(summary, vocabularies)),
        unattributed=lost / len(summary) if summary else 0.0,
        sentences=[
            normalised(count_tokens(content_tokens(sentence), vocabularies))
            for sentence in sentences(item.summary)
        ],
    )


@attribution("tokens", source="Zhang et al., NAACL 2024 (PerspectiveSumm)", options=OPTIONS)
def tokens(items: Sequence[Item], context: Context, source_share: bool = False) -> Attributions:
    """Needs nothing but the texts; deterministic."""
    return Attributions([attribute(item, source_share) for item in items])
