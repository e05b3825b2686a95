"""Sentences whose group is known, for instruments that are too slow for all of them."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from fairprune.fairness.attributed import Known
from fairprune.fairness.inputs import Item
from fairprune.io.hashing import derive_seed
from fairprune.present import present
from fairprune.text.sentences import sentences

MOST = 60  # sentences of a group


class Place(NamedTuple):
    """A sentence of a labelled opinion: the number of its item, of its opinion, and the text."""

    item: int
    opinion: int
    text: str


def sampled(items: Sequence[Item], language: str) -> list[Place]:
    """At most `MOST` sentences of each group's opinions, drawn by the items' ids alone."""
    by_group: dict[str, list[Place]] = {}
    for number, item in enumerate(items):
        for place, (text, label) in enumerate(zip(item.opinions, item.labels, strict=True)):
            if label is not None and len(item.groups) > 1:
                found = (Place(number, place, part) for part in sentences(text, language))
                by_group.setdefault(label, []).extend(found)
    draw = random.Random(derive_seed(0, "known", *(item.id for item in items)))
    return [
        place
        for _, places in sorted(by_group.items())
        for place in sorted(draw.sample(places, min(MOST, len(places))))
    ]


def group_texts(item: Item, without: int | None = None) -> Mapping[str, list[str]]:
    """Group → its opinions, one of them left out if asked; groups with none left are aside."""
    found: dict[str, list[str]] = {}
    for number, (text, label) in enumerate(zip(item.opinions, item.labels, strict=True)):
        if label is not None and number != without:
            found.setdefault(label, []).append(text)
    return dict(sorted(found.items()))


def known_by_item(
    items: Sequence[Item],
    places: Sequence[Place],
    shares: Callable[[Place, int | None], Mapping[str, float]],
) -> list[list[Known]]:
    """The known sentences of each item; `shares`: place, opinion left out → group → share."""
    found: list[list[Known]] = [[] for _ in items]
    for place in places:
        label = present(items[place.item].labels[place.opinion])
        given = shares(place, None), shares(place, place.opinion)
        found[place.item].append(Known(label, *given))
    return found
