"""Something is true: how often it is found, and never called equivalent."""

from collections.abc import Iterator

import numpy as np

from simulation.population import DIRECTION, LEVEL, Population
from simulation.rates import SIZES, Rate, equivalent, holding, rate, worse
from simulation.worlds import World, leaning, quoting, sometimes

ONE_ALONE = sometimes(0.5, quoting(8, {"A": 8, "B": 0}), quoting(8, {"A": 0, "B": 8}))
MORE_A, MORE_B = "6 opinions of A and 2 of B", "2 opinions of A and 6 of B"
WORSE = "for one group by turns"
RARELY = "hears one group alone in 3 of 10"
BEYOND = {
    "for one group by turns, a little": leaning(8, 0.71, turned=0.5),
    RARELY: sometimes(0.3, ONE_ALONE, quoting(8)),
    "for A": leaning(8, 0.62),
    "for A, in 1 of 4 entirely": sometimes(0.25, leaning(8, 0.98), leaning(8, 0.5)),
}
WRITERS = {
    "fair": quoting(8),
    MORE_A: quoting(8, {"A": 6, "B": 2}),
    MORE_B: quoting(8, {"A": 2, "B": 6}),
    WORSE: leaning(8, 0.8, turned=0.5),
    **BEYOND,
}
SELDOM = "hears one group alone in 1 of 10"
MEASURED = {
    "fair": quoting(8),
    "fair again": quoting(8),
    MORE_A: WRITERS[MORE_A],
    MORE_B: WRITERS[MORE_B],
    SELDOM: sometimes(0.1, ONE_ALONE, quoting(8)),
}
WEAK = {"recalls .88 and .40": {"A": 0.12, "B": 0.6}, "is blind to B": {"B": 1.0}}
COVERED = (("fair", "fair again"), ("fair", MORE_A), (MORE_A, MORE_B), ("fair", SELDOM))


def real_changes(trials: int, inputs: int) -> Iterator[Rate]:
    """Writers that favour a group, now the other one, or rarely and then entirely."""
    people = Population(World(), WRITERS, inputs)
    design = _told(people, "fair", WORSE)
    yield rate(design, 60, worse, "≥", 0.8, people, ("fair", WORSE), trials)
    for n in (6, *SIZES):
        design = _told(people, MORE_A, MORE_B)
        yield rate(design, n, equivalent, "≤", 0.0, people, (MORE_A, MORE_B), trials)
    for name in BEYOND:
        for n in SIZES:
            design = _told(people, "fair", name)
            yield rate(design, n, equivalent, "≤", 0.05, people, ("fair", name), trials)


def intervals(trials: int, inputs: int) -> Iterator[Rate]:
    """How often the intervals of differences hold the true one, 0 and others."""
    people = Population(World(mixes=(0.5, 0.7, 0.3), opinions=40), MEASURED, inputs)
    for first, second in COVERED:
        for metric in (LEVEL, DIRECTION, "spd", "spd2", "sof"):
            truth = people.truth(first, second, metric)
            for n in (20, 60):
                yield rate(
                    *(f"{first} → {second}: {metric} {truth:+.2f}", n, holding(truth), "≥", 0.93),
                    *(people, (first, second), trials),
                    metrics=[metric],
                )


def weak_instruments(trials: int, inputs: int) -> Iterator[Rate]:
    """A classifier that recognises .88 and .40 of the groups' opinions, or none of one group."""
    train = World().inputs(np.random.default_rng(1), 60, "train")
    options = {"attributions": ["classifier"], "train": train}
    for name, taken in (
        ("recalls .88 and .40", {"A": 0.12, "B": 0.6}),
        ("is blind to B", {"B": 1}),
    ):
        world = World(mixes=(0.5, 0.6, 0.4), taken=taken)
        writers = {"both": quoting(8), "A alone": quoting(8, {"A": 8, "B": 0})}
        people = Population(world, writers, inputs, **options)
        for n in SIZES:
            design = f"B vanishes, under a classifier that {name}"
            yield rate(design, n, equivalent, "≤", 0.0, people, list(writers), trials)


def _told(people: Population, first: str, second: str) -> str:
    level, shift = (people.truth(first, second, metric) for metric in (LEVEL, DIRECTION))
    return f"{first} → {second} (UER {level:+.2f}, shift {shift:+.2f})"
