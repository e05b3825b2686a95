"""The promises of verdicts, on few trials; `benchmarks/verdicts.py` holds them to many."""

import json
from math import sqrt
from pathlib import Path

import pytest
from simulation import changed, pools, unchanged
from simulation.rates import Rate
from verdicts import MARK, PAGE, table

ROOT = Path(__file__).parents[2]
TRIALS, INPUTS = 12, 120


def kept(found):
    """Whether a rate is as required, but for four standard deviations of so few trials."""
    room = 4 * sqrt(found.required * (1 - found.required) / found.trials)
    if found.trials == 1:
        room = 0.02  # a mean of few inputs
    over = found.observed - found.required
    return (over if found.bound == "≤" else -over) <= room


@pytest.mark.long("of simulations")
@pytest.mark.parametrize(
    ("design", "trials", "options"),
    [
        (unchanged.false_alarms, TRIALS, {"worlds": ["two groups"]}),
        (unchanged.many_variants, TRIALS, {}),
        (unchanged.pooled_draws, TRIALS, {}),
        (unchanged.own_figures, 4, {}),
        (changed.real_changes, TRIALS, {}),
        (changed.weak_instruments, TRIALS, {}),
        (pools.one_pool, 2, {}),
    ],
)
def test_promises_are_kept(design, trials, options):
    found = list(design(trials, INPUTS, **options))
    assert found
    assert not [one for one in found if not kept(one)]


def test_the_page_shows_what_was_simulated():
    rows = json.loads((ROOT / "benchmarks/results/verdicts.json").read_text(encoding="utf-8"))
    rates = [Rate(**{k: v for k, v in row.items() if k != "kept"}) for row in rows]
    assert PAGE.read_text(encoding="utf-8").partition(MARK)[2].strip() == table(rates).strip()
    assert all(one.kept for one in rates)
