"""Inputs from one pool of opinions, some of which are louder than others: few voices, no bias."""

from collections.abc import Iterator, Mapping

import numpy as np

from fairprune.fairness import compare, evaluate
from simulation.rates import DIFFERS, Rate
from simulation.worlds import Row, World

POOL = 782


def one_pool(trials: int, inputs: int) -> Iterator[Rate]:
    """Opinions drawn again and again, and each used once."""
    for used, number in (("again and again", 180), ("once", POOL // 20)):
        alarms = marked = 0
        for seed in range(trials):
            rows = _primary(np.random.default_rng(seed), number, used == "once")
            pool = all("pool" in row.marks for row in rows)
            marked += pool
            alarms += not pool and any(row.verdict in DIFFERS for row in rows)
        design = f"{number} inputs of a pool of {POOL} opinions, each used {used}"
        said = "a difference without the mark `pool`"
        yield Rate(design, number, said, "≤", 0.06, alarms / trials, trials)
        if used != "once":
            yield Rate(design, number, "the mark `pool`", "≥", 1.0, marked / trials, trials)


def _primary(generator: np.random.Generator, number: int, once: bool) -> list:
    """The primary rows of two models that each have favourite opinions, of any group."""
    world = World(opinions=POOL)
    (pool,) = world.inputs(generator, 1)
    texts, labels = np.array(pool["opinions"]), np.array(pool["labels"])
    halves = [generator.permutation(np.flatnonzero(labels == group)) for group in "AB"]
    rows = []
    for place in range(number):
        parts = [
            half[10 * place : 10 * place + 10] if once else generator.choice(half, 10, False)
            for half in halves
        ]
        chosen = np.concatenate(parts)
        opinions, of = texts[chosen].tolist(), labels[chosen].tolist()
        rows.append({"id": str(place), "opinions": opinions, "labels": of})
    loud = [dict(zip(texts, generator.lognormal(0, 2, POOL), strict=True)) for _ in range(2)]
    dense, variant = (
        evaluate(rows, {row["id"]: _loudest(row, voices) for row in rows}) for voices in loud
    )
    return [row for row in compare(dense, {"v": variant}) if row.primary]


def _loudest(row: Row, loudness: Mapping[str, float]) -> str:
    return " ".join(sorted(row["opinions"], key=loudness.__getitem__)[-5:])
