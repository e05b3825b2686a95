"""Inputs of the demo: opinions in a stated mix, and the summary that is fair to them."""

import random
from collections.abc import Container
from dataclasses import dataclass

from opinions import words
from opinions.language import PROMPTS, Point, write_opinion

Plan = tuple[tuple[int, int], tuple[int, int]]

# Opinions and points of the larger group, then of the smaller. The points keep the proportion of
# the opinions, so that saying each point once is fair.
PLANS: dict[str, list[Plan]] = {
    "balanced": [
        ((3, 2), (3, 2)),
        ((3, 3), (3, 3)),
        ((4, 2), (4, 2)),
        ((4, 3), (4, 3)),
        ((5, 3), (5, 3)),
    ],
    "heavy": [
        ((4, 2), (2, 1)),
        ((4, 4), (2, 2)),
        ((6, 3), (2, 1)),
        ((6, 4), (3, 2)),
        ((8, 4), (2, 1)),
    ],
}


@dataclass(frozen=True)
class Input:
    """One input of a task: parallel `opinions` and `points`; `mix` names its proportion."""

    task: str
    mix: str
    opinions: list[str]
    points: list[Point]

    @property
    def prompt(self) -> str:
        """The text that the model continues with a space and the summary."""
        return PROMPTS[self.task].format(input=" || ".join(self.opinions))

    @property
    def summary(self) -> str:
        """Each point once, in order of first mention."""
        kept: list[Point] = []
        for point in self.points:
            if not any(point.same_as(other) for other in kept):
                kept.append(point)
        return " ".join(point.sentence() for point in kept)

    def record(self, name: str, split: str) -> dict:
        """The line that the task file holds."""
        labels = [point.label for point in self.points]
        shares = {label: labels.count(label) / len(labels) for label in words.LABELS[self.task]}
        return {
            "id": name,
            "split": split,
            "mix": self.mix,
            "input": " || ".join(self.opinions),
            "label": labels,
            "proportion": {label: round(share, 4) for label, share in shares.items()},
            "summary": [self.summary],
        }


def mixes(task: str) -> list[str]:
    """The names of a task's mixes."""
    return ["balanced", *(f"{label}-heavy" for label in words.LABELS[task])]


def plans(mix: str) -> list[Plan]:
    """The plans of a mix."""
    return PLANS["balanced" if mix == "balanced" else "heavy"]


class Writer:
    """Draws inputs of a task by seed.

    With `held_out` they may pair topics and claims that training never pairs. No opinion's text is
    in `taken`.
    """

    def __init__(self, rng: random.Random, held_out: bool = False, taken: Container[str] = ()):
        self.rng, self.held_out, self.taken = rng, held_out, taken

    def write(self, task: str, mix: str, plan: Plan) -> Input:
        """An input in `mix`, as large as `plan` says."""
        entity = self.rng.choice(list(words.SORTS)) if task == "reviews" else None
        points = [
            point
            for label, (opinions, distinct) in zip(self._labels(task, mix), plan, strict=True)
            for point in self._points(label, words.topics(entity), opinions, distinct)
        ]
        self.rng.shuffle(points)
        opinions: list[str] = []
        for point in points:
            while (text := write_opinion(self.rng, task, point, entity)) in opinions or (
                text in self.taken
            ):
                pass
            opinions.append(text)
        return Input(task, mix, opinions, points)

    def _labels(self, task: str, mix: str) -> list[str]:
        """The larger group first; in a balanced input either."""
        larger = self.rng.choice(words.LABELS[task])
        if mix != "balanced":
            larger = mix.removesuffix("-heavy")
        return sorted(words.LABELS[task], key=lambda label: label != larger)

    def _points(self, label: str, topics: list[str], opinions: int, distinct: int) -> list[Point]:
        points = [self._point(label, topic) for topic in self.rng.sample(topics, distinct)]
        for _ in range(opinions - distinct):
            repeated = self.rng.choice(points)
            # A party has one policy on a topic; one aspect can be praised in several words.
            same = label in words.PARTIES
            points.append(repeated if same else self._point(label, repeated.topic))
        return points

    def _point(self, label: str, topic: str) -> Point:
        claims = words.claims(label, topic)
        while (point := Point(label, topic, self.rng.choice(claims))).held_out > self.held_out:
            pass
        return point
