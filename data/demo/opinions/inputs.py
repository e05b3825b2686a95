"""Inputs of the demo: opinions in a stated mix, and the summary that is fair to them."""

import random
from collections.abc import Container
from dataclasses import dataclass

from opinions import words
from opinions.language import PROMPTS, Point, write_opinion

# Opinions and points of the larger group, then of the smaller: the points keep the proportion of
# the opinions, so that saying each point once is fair.
Plan = tuple[tuple[int, int], tuple[int, int]]
PLANS: dict[str, list[Plan]] = {
    "balanced": [
        ((3, 3), (3, 3)),
        ((4, 3), (4, 3)),
        ((4, 4), (4, 4)),
        ((5, 3), (5, 3)),
        ((5, 4), (5, 4)),
    ],
    "heavy": [
        ((4, 2), (2, 1)),
        ((4, 4), (2, 2)),
        ((6, 3), (2, 1)),
        ((6, 4), (3, 2)),
        ((6, 6), (3, 3)),
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
        """Every point once, where the input first makes it: so each group has its share."""
        first: dict[tuple[str, str], Point] = {}
        for point in self.points:
            first.setdefault(point.subject, point)
        return " ".join(point.sentence() for point in first.values())

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
    """The plans of the inputs of a mix."""
    return PLANS["balanced" if mix == "balanced" else "heavy"]


class Writer:
    """Draws inputs of a task by seed.

    With `held_out` they may pair topics and claims that training never pairs. No opinion's text is
    in `taken`.
    """

    def __init__(self, rng: random.Random, held_out: bool = False, taken: Container[str] = ()):
        self.rng, self.held_out, self.taken = rng, held_out, taken

    def write(self, task: str, mix: str, plan: Plan) -> Input:
        """An input in `mix`; each of its points has a topic of its own."""
        entity = self.rng.choice(list(words.SORTS)) if task == "reviews" else None
        topics = self.rng.sample(words.topics(entity), sum(distinct for _, distinct in plan))
        points: list[Point] = []
        for label, (opinions, distinct) in zip(self._labels(task, mix), plan, strict=True):
            own = [self._point(label, topics.pop()) for _ in range(distinct)]
            points += own + [self._agree(self.rng.choice(own)) for _ in range(opinions - distinct)]
        self.rng.shuffle(points)
        opinions: list[str] = []
        for point in points:
            text = write_opinion(self.rng, task, point, entity)
            while text in self.taken or text in opinions:
                text = write_opinion(self.rng, task, point, entity)
            opinions.append(text)
        return Input(task, mix, opinions, points)

    def _labels(self, task: str, mix: str) -> list[str]:
        """The larger group first; in a balanced input either."""
        larger = self.rng.choice(words.LABELS[task])
        if mix != "balanced":
            larger = mix.removesuffix("-heavy")
        return sorted(words.LABELS[task], key=lambda label: label != larger)

    def _point(self, label: str, topic: str) -> Point:
        claims = words.claims(label, topic)
        while (point := Point(label, topic, self.rng.choice(claims))).held_out > self.held_out:
            pass
        return point

    def _agree(self, point: Point) -> Point:
        """The same point again: a party has one policy, reviewers may choose another word."""
        if point.label in words.PARTIES:
            return point
        return self._point(point.label, point.topic)
