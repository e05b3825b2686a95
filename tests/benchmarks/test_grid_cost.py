"""GPU hours of a grid are computed from a card's figures as one would by hand."""

from importlib import import_module

import pytest

grid_cost = import_module("grid_cost")


def figures(**changed):
    """What `make gpu` writes of a model of 2 billion weights."""
    values = {"start": 10.0, "load": 2e9, "forward": 1000.0, "weights": 2e9} | changed
    rows = [{"part": "grid", "what": what, "value": value} for what, value in values.items()]
    rows += [{"part": "decoding", "what": "by memory", "value": 5.0}]
    rows += [{"part": "decoding", "what": "weights", "value": 2e9}]
    return {"rows": rows}


@pytest.mark.parametrize(
    ("step", "seconds"),
    [
        # start, 8 GB, and the tokens of a set once, twice, four times at 500 a second
        ("dense activations", 10 + 4 + 500 / 500),
        ("pruned models", 10 + 4 + 1000 / 500),
        ("gradients", 10 + 4 + 2000 / 500),
        ("summaries of a calibration split", 10 + 4 + 300 / 2.5),
        ("summaries and language ability", 10 + 4 + 300 / 2.5 + 340_000 / 500),
    ],
)
def test_minutes_of_a_model_twice_the_size(step, seconds):
    minutes = grid_cost.measured(grid_cost.parts_of(figures()), 500)
    assert minutes(step, 4.0) == pytest.approx(seconds / 60)


def test_assumed_minutes_are_those_that_a_run_says():
    assert grid_cost.assumed("gradients", 8.0) == pytest.approx(0.5 + 0.25 * 8)
