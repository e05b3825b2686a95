"""Many made-up inputs, judged once a writer; trials compare writers on some of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fairprune.fairness import Evaluation, evaluate
from fairprune.fairness.comparing.contests import Arena, Contest, common
from fairprune.fairness.comparing.evidence import Pair, evidence_of
from fairprune.fairness.comparing.judging import Seen, judge_all
from fairprune.fairness.comparing.places import Place, pooled_place
from fairprune.fairness.comparing.rules import rules_for
from fairprune.fairness.declare import find_metric
from fairprune.io.variants import DENSE
from simulation.worlds import World, Writer, written

LEVEL, DIRECTION = PRIMARY = ("uer_excess", "shift")
MARGIN = 0.10


class Population:
    """What writers wrote of the same inputs, as `evaluate` judges it, under one attribution.

    Its means over all inputs are the truth that trials on some of them, drawn at random, are held
    to. A trial computes what `compare` does, of the metrics that are asked for.
    """

    def __init__(self, world: World, writers: Mapping[str, Writer], inputs: int, **options: Any):
        generator = np.random.default_rng(0)
        rows = world.inputs(generator, inputs)
        self.evaluations = {
            name: evaluate(rows, written(generator, rows, write), **options)
            for name, write in writers.items()
        }
        self.dense = next(iter(self.evaluations.values()))
        self.rules = rules_for(self.dense, MARGIN, MARGIN, LEVEL)

    def value(self, writer: str, metric: str) -> float:
        """A writer's figure over all inputs."""
        return self.evaluations[writer].value(metric, self.rules.attribution)

    def truth(self, first: str, second: str, metric: str = LEVEL) -> float:
        """The true difference between two writers; of `shift`, of the group that changes most."""
        (place,) = self._places(0, len(self.dense.inputs), [first, second], [metric])
        return place.evidence[metric].difference

    def trial(
        self, seed: int, n: int, writers: Sequence[str], metrics: Sequence[str] = PRIMARY
    ) -> list[Seen]:
        """The rows of all other writers against the first on n inputs."""
        return self._judged(list(self._places(seed, n, writers, metrics)))

    def draws(self, seed: int, n: int, writers: Sequence[str]) -> list[Seen]:
        """The same of all other writers as draws of one variant, put together."""
        contests = self._contests(seed, n, writers)
        arena = Arena.of(contests[0].first, seed)
        return self._judged([pooled_place("variant", contests, arena, self.rules)])

    def _judged(self, places: Sequence[Place]) -> list[Seen]:
        return [row for _, row in judge_all(places, self.rules)]

    def _contests(self, seed: int, n: int, writers: Sequence[str]) -> list[Contest]:
        chosen = np.random.default_rng(seed).permutation(len(self.dense.inputs))[:n]
        parts = {name: _some(self.evaluations[name], chosen) for name in dict.fromkeys(writers)}
        first, *others = writers
        return [Contest(name, DENSE, parts[first], parts[name]) for name in others]

    def _places(
        self, seed: int, n: int, writers: Sequence[str], metrics: Sequence[str]
    ) -> Iterator[Place]:
        asked = [(find_metric(name), self.rules.options[name]) for name in metrics]
        for contest in self._contests(seed, n, writers):
            arena = Arena.of(contest.first, seed)
            (pair,) = common([contest], self.rules.attribution, "shares")
            same = np.equal(*(np.array(part.texts) for part in (contest.first, contest.second)))
            both = Pair(*pair, self.dense.groups, arena.units, arena.counts, same, arena.swaps)
            found = {row.metric: row for row in evidence_of(both, asked, same | True)}
            yield Place(contest.variant, DENSE, self.rules.attribution, "all", found)


def _some(evaluation: Evaluation, chosen: np.ndarray) -> Evaluation:
    """An evaluation of some of the inputs, each a unit."""
    inputs = [replace(evaluation.inputs[number], unit=unit) for unit, number in enumerate(chosen)]
    kept = {entry.id for entry in inputs}
    return replace(
        evaluation,
        inputs=inputs,
        shares=[share for share in evaluation.shares if share.id in kept],
        texts=[evaluation.texts[number] for number in chosen],
        labels=[evaluation.labels[number] for number in chosen],
    )
