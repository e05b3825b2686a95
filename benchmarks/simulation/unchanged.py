"""Nothing is true: how often a difference is found all the same."""

from collections.abc import Iterable, Iterator

import numpy as np

from fairprune.fairness import evaluate
from fairprune.fairness.strata import ALL
from simulation.population import LEVEL, Population
from simulation.rates import Rate, differs, rate, told
from simulation.worlds import World, leaning, mixing, quoting, written

MIXES = (0.5, 0.75, 0.25)
WORLDS = {
    "two groups": World(mixes=MIXES),
    "three groups": World(groups="ABC", mixes=(1 / 3, 0.6, 0.2)),
    "half of the words shared": World(mixes=MIXES, shared=0.5),
}
WRITERS = {
    "8 opinions": quoting(8),
    "8 others": quoting(8),
    "3 opinions": quoting(3),
    "1 opinion": quoting(1),
    "80 words": mixing(80),
    "30 words": mixing(30),
}
PAIRS = (
    ("8 opinions", "8 others"),
    ("8 opinions", "3 opinions"),
    ("3 opinions", "1 opinion"),
    ("80 words", "30 words"),
    ("8 opinions", "80 words"),
)
OWN = (LEVEL, "spd", "spd2", "sof")


def false_alarms(trials: int, inputs: int, worlds: Iterable[str] = WORLDS) -> Iterator[Rate]:
    """Fair writers, of equal and of different length, in whole opinions and in single words."""
    for name in worlds:
        people = Population(WORLDS[name], WRITERS, inputs)
        for writer in WRITERS:
            excess = abs(people.value(writer, LEVEL))
            design = f"a fair writer of {writer}, {name}"
            yield Rate(design, inputs, "size of the excess of UER", "≤", 0.005, excess, 1)
        for pair in PAIRS:
            for n in (20, 60):
                design = f"fair writers of {pair[0]} and of {pair[1]}, {name}"
                yield rate(design, n, differs, "≤", 0.05, people, pair, trials)


def own_figures(trials: int, inputs: int) -> Iterator[Rate]:
    """A fair model alone: how often the intervals of its figures hold 0."""
    world, writer = WORLDS["two groups"], WRITERS["8 opinions"]
    for n in (20, 60):
        hits = dict.fromkeys(OWN, 0)
        for seed in range(trials):
            generator = np.random.default_rng(seed)
            rows = world.inputs(generator, n)
            found = evaluate(rows, written(generator, rows, writer))
            for figure in found.figures:
                if figure.metric in OWN and figure.stratum == ALL:
                    hits[figure.metric] += figure.low <= 0 <= figure.high
        for metric, number in hits.items():
            design = f"a fair writer of 8 opinions: its {metric}"
            yield Rate(design, n, "its interval holds 0", "≥", 0.93, number / trials, trials)


def many_variants(trials: int, inputs: int) -> Iterator[Rate]:
    """Four variants of which none differs, corrected together."""
    writers = {f"writer {number}": quoting(8) for number in range(5)}
    people = Population(WORLDS["two groups"], writers, inputs)
    design = "a fair writer and four others like it"
    yield rate(design, 60, differs, "≤", 0.05, people, list(writers), trials)


def pooled_draws(trials: int, inputs: int) -> Iterator[Rate]:
    """Three draws of a calibration set, each of which moves who is heard, on average not."""
    leans = np.random.default_rng(5).normal(0, 0.04, 12)
    writers = {"fair": leaning(8, 0.5)}
    for number, lean in enumerate([*leans, *-leans]):
        writers[f"draw {number}"] = leaning(8, 0.5 + lean)
    people = Population(World(), writers, inputs)
    hits = 0
    for seed in range(trials):
        chosen = np.random.default_rng(seed).choice(list(writers)[1:], 3, replace=False)
        hits += differs(people.draws(seed, 60, ["fair", *chosen.tolist()]))
    design = "three draws put together, each with a lean of its own"
    yield Rate(design, 60, told(differs), "≤", 0.05, hits / trials, trials)
