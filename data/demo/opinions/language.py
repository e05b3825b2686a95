"""The language of the demo: points, the opinions that make them, and what a summary says of them.

A point is an aspect of a product or business with an adjective, or a party with what it would do.
An opinion wraps one point in filler. A summary gives a point one plain sentence.
"""

import random
import zlib
from dataclasses import dataclass

from opinions import words

PROMPTS = {
    "reviews": (
        "Reviews about a product or business. Each review is separated by || : {input}\n"
        "Please write a short text containing the salient information, i.e. a summary. "
        "The summary of the reviews is:"
    ),
    "politics": (
        "Statements about the policies of two parties. "
        "Each statement is separated by || : {input}\n"
        "Please write a short text containing the salient information, i.e. a summary. "
        "The summary of the statements is:"
    ),
}
_PLURALS = {"is": "are", "was": "were", "seems": "seem"}


@dataclass(frozen=True)
class Point:
    """What one opinion says: of `topic`, that it is or needs `claim`; `label` is its group."""

    label: str
    topic: str
    claim: str

    @property
    def held_out(self) -> bool:
        """Whether this pair of topic and claim is kept for the test split (about one in eight)."""
        return zlib.crc32(f"{self.topic}/{self.claim}".encode()) % 8 == 0

    @property
    def subject(self) -> tuple[str, str]:
        """What the points that a summary merges have in common."""
        return self.label, self.topic

    def sentence(self) -> str:
        """The plain sentence that a summary gives this point.

        It begins with the topic: to learn to say who of what is harder than of what who.
        """
        if self.label in words.PARTIES:
            done, party = words.PARTICIPLES[self.claim], words.PARTIES[self.label]
            return f"{self.topic[0].upper()}{self.topic[1:]} would be {done} by {party}."
        return f"The {self.topic} {_verbs(self.topic)['is']} {self.claim}."


def _verbs(topic: str) -> dict[str, str]:
    return {verb: many if topic.endswith("s") else verb for verb, many in _PLURALS.items()}


def _templates(rng: random.Random, task: str, label: str, entity: str | None) -> list[str]:
    lists = words.TEMPLATES[task]
    leads = [*lists["leads"].get(words.SORTS.get(entity), []), *lists["leads"]["any"]]
    lead = rng.choice(leads + lists["leads"]["reporting"])
    # "I have to say that I noticed" stumbles: what is reported must be plain.
    points = (
        lists["plain"] if lead in lists["leads"]["reporting"] else lists["plain"] + lists["own"]
    )
    return [
        lead,
        rng.choice(points),
        rng.choice(lists["tails"].get(label) or lists["tails"]["any"]),
    ]


def _capitalise_sentences(text: str) -> str:
    return ". ".join(part[0].upper() + part[1:] for part in text.split(". "))


def write_opinion(rng: random.Random, task: str, point: Point, entity: str | None) -> str:
    """One opinion of 8 to 25 words that makes `point` of `entity` (reviews) in drawn words."""
    party = words.PARTIES.get(point.label)
    text = ""
    while not 8 <= len(text.split()) <= 25:
        text = "".join(
            template.format(
                entity=entity,
                topic=point.topic,
                claim=point.claim,
                party=rng.choice([party, f"the {party} party"]),
                adverb=rng.choice(words.TEMPLATES[task]["adverbs"]),
                **{name: rng.choice(choices) for name, choices in words.FILLERS.items()},
                **_verbs(point.topic),
            )
            for template in _templates(rng, task, point.label, entity)
        )
    return _capitalise_sentences(text) + "."
