"""Attribution of each summary sentence to the most similar opinion of the same input."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from tqdm import tqdm

from fairprune.errors import FairpruneError
from fairprune.fairness.attributed import Attributed, Known, Writing, added, normalised
from fairprune.fairness.declare import Attributions, Context, attribution
from fairprune.fairness.inputs import Item
from fairprune.fairness.quotes import cut
from fairprune.present import present
from fairprune.pruning.options import Option
from fairprune.text.languages import ENGLISH
from fairprune.text.sentences import sentences
from fairprune.text.similar import FLOOR, left_out_similarities, nearest_columns, similarities
from fairprune.text.words import words

OPTIONS = {
    "floor": Option(FLOOR, "smallest cosine that attributes a sentence", low=0, high=1),
    "model": Option("", "folder or hub id of a sentence-embedding model; none: TF-IDF"),
    "revision": Option("", "the hub model's commit"),
}
Cosines = Callable[[Sequence[str], Sequence[str]], np.ndarray]


def attribute(
    item: Item, floor: float = FLOOR, language: str = ENGLISH, cosines: Cosines | None = None
) -> Attributed:
    """p, q and coverage of one item.

    Each sentence of the summary is its most similar opinion's (cosine of TF-IDF vectors, or
    `cosines`: sentences, opinions → sentences × opinions); one that stands word for word in
    opinions is theirs, in the proportion in which they hold it. p: each sentence of the input is
    its own opinion's. q: share of the sentences that are a group's; one whose cosines do not reach
    `floor`, or that is nearest to an opinion with an ignored label, is unattributed. Coverage of an
    opinion: the share of the attributed sentences that it got.
    """
    source = [sentences(opinion, language) for opinion in item.opinions]
    keys = [[_key(text, language) for text in opinion] for opinion in source]
    holders: dict[Hashable, Counter[int]] = {}
    for number, opinion in enumerate(keys):
        for key in opinion:
            holders.setdefault(key, Counter())[number] += 1
    found = cut(item.summary, item.opinions, language)
    said = [_key(text, language) for text in found]
    near = nearest_columns(
        cosines(found, item.opinions) if cosines else similarities(found, item.opinions, language),
        floor,
    )
    places = [holders.get(key) or _one(index) for key, index in zip(said, near, strict=True)]
    of_group = np.array([[label == g for g in item.groups] for label in item.labels], dtype=float)
    rows = [_opinion_shares(place, len(of_group)) for place in places]
    given = [row @ of_group for row in rows]
    labelled = np.array([label is not None for label in item.labels], dtype=float)
    got = sum((row * labelled for row in rows), np.zeros(len(of_group)))
    gives = {
        key: _opinion_shares(place, len(of_group)) @ of_group for key, place in holders.items()
    }
    gives |= dict(zip(said, given, strict=True))
    return Attributed(
        p=normalised(added(item.groups, of_group * np.array([[len(s)] for s in source]))),
        q=normalised(added(item.groups, given)),
        coverage=(got / got.sum()).tolist() if got.sum() else None,
        unattributed=float(1 - got.sum() / len(found)) if found else 0.0,
        sentences=[normalised(dict(zip(item.groups, row.tolist(), strict=True))) for row in given],
        writing=Writing(
            [[key for key in opinion if gives[key].any()] for opinion in keys],
            [key for key in said if gives[key].any()],
            gives,
        ),
        known=_known(item, source, keys, gives, floor, language, cosines),
    )


def _key(sentence: str, language: str) -> Hashable:
    """What is the same in two sentences that say the same word for word."""
    return tuple(words(sentence, language))


def _one(index: int | None) -> Counter[int]:
    return Counter() if index is None else Counter({index: 1})


def _opinion_shares(place: Counter[int], opinions: int) -> np.ndarray:
    """The share of each opinion in a sentence that stands in, or is nearest to, these."""
    row = np.zeros(opinions)
    for number, count in place.items():
        row[number] = count / place.total()
    return row


def _known(
    item: Item,
    source: Sequence[Sequence[str]],
    keys: Sequence[Sequence[Hashable]],
    gives: dict[Hashable, np.ndarray],
    floor: float,
    language: str,
    cosines: Cosines | None,
) -> list[Known]:
    owners = [n for n, opinion in enumerate(source) for _ in opinion if item.labels[n] is not None]
    texts = [t for n, opinion in enumerate(source) for t in opinion if item.labels[n] is not None]
    if cosines:
        left = np.array(cosines(texts, item.opinions))
        left[np.arange(len(owners)), owners] = 0
    else:
        left = left_out_similarities(texts, owners, item.opinions, language)
    near = [None if n is None else item.labels[n] for n in nearest_columns(left, floor)]
    said = [key for n, opinion in enumerate(keys) for key in opinion if item.labels[n] is not None]
    return [
        Known(
            present(item.labels[owner]),
            normalised(dict(zip(item.groups, gives[key].tolist(), strict=True))) or {},
            {} if label is None else {label: 1.0},
        )
        for owner, key, label in zip(owners, said, near, strict=True)
    ]


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
        return Attributions([attribute(item, floor, context.language) for item in items])
    from fairprune.fairness.language_models import load_judge
    from fairprune.fairness.sentence_vectors import embedded_cosines

    judge = load_judge("AutoModel", model, revision, context.device)

    def cosines(texts: Sequence[str], opinions: Sequence[str]) -> np.ndarray:
        return embedded_cosines(judge, texts, opinions)

    rows = [
        attribute(item, floor, context.language, cosines)
        for item in tqdm(items, desc="nearest", disable=None)
    ]
    return Attributions(rows, judge.figures)
