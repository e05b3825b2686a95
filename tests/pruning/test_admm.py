"""ADMM against its definition written out, in float64."""

import plain
import pytest
import torch

from fairprune.errors import FairpruneError
from fairprune.pruning.declare import SCORES
from fairprune.pruning.statistics import Statistics

ADMM = SCORES.get("admm")
DEFAULT = {"rho": 1.0, "iterations": 20, "schedule": "fixed"}


def layer(rows=24, columns=32, dead=(), seed=0):
    """Weights, and the Gram matrix of inputs that depend on each other."""
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(200, columns, generator=generator)
    inputs = inputs @ torch.randn(columns, columns, generator=generator) + 0.5
    inputs[:, list(dead)] = 0
    return torch.randn(rows, columns, generator=generator), inputs.T @ inputs


def solve(weight, gram, share, pattern="unstructured", **changes):
    how = DEFAULT | changes
    statistics = Statistics(prepared=ADMM.prepare(gram.clone(), 1, "layer", **how))
    return ADMM.solve([weight], statistics, [share], pattern, ["layer"], **how)[0]


@pytest.mark.parametrize("iterations", [1, 3, 15, 16, 20])
@pytest.mark.parametrize(
    ("share", "pattern", "schedule"),
    [
        ("0.5", None, "fixed"),
        ("0.29", None, "cubic"),
        ("0.7", None, "cubic"),
        ("0.5", (2, 4), "fixed"),
        ("0.25", (3, 4), "cubic"),
    ],
)
def test_agrees_with_its_definition(share, pattern, schedule, iterations):
    weight, gram = layer()
    how = {"iterations": iterations, "schedule": schedule, "rho": 0.7}
    named = "unstructured" if pattern is None else f"{pattern[0]}:{pattern[1]}"
    found, mask, strange = solve(weight, gram, share, named, **how)
    expected, expected_mask = plain.admm(weight, gram, share, pattern, **how)
    assert torch.equal(mask, expected_mask)
    assert float((found - expected).norm() / expected.norm()) < 1e-5
    assert torch.equal(found == 0, mask)
    assert int(mask.sum()) == int(float(share) * mask.numel())
    assert strange == 0
    if pattern:
        assert mask.view(-1, pattern[1]).sum(1).eq(pattern[1] - pattern[0]).all()


@pytest.mark.parametrize("pattern", ["unstructured", "2:4"])
def test_inputs_that_are_always_zero_go_first(pattern):
    weight, gram = layer(dead=(0, 5, 30))
    weight[:, 7] = 0  # worth nothing either, but it stands after them
    found, mask, _ = solve(weight, gram, "0.5", pattern)
    assert mask[:, [0, 5, 30]].all()
    assert found.isfinite().all()
    expected, expected_mask = plain.admm(
        weight, gram, "0.5", None if pattern == "unstructured" else (2, 4)
    )
    assert torch.equal(mask, expected_mask)
    assert float((found - expected).norm() / expected.norm()) < 1e-5


def test_of_more_dead_inputs_than_may_go_the_others_stay_as_they_are():
    weight, gram = layer(dead=range(1, 32))
    found, mask, _ = solve(weight, gram, "0.5")
    assert not mask[:, 0].any()
    torch.testing.assert_close(found[~mask], weight[~mask])


def test_the_kept_weights_make_up_for_those_that_go():
    weight, gram = layer(rows=8)
    found, mask, _ = solve(weight, gram, "0.5")

    def error(new):
        return float((((new - weight) @ gram) * (new - weight)).sum())

    assert error(found) < 0.5 * error(weight.masked_fill(mask, 0))


def test_inputs_that_are_no_numbers_are_an_error():
    _, gram = layer()
    gram[3, 4] = gram[4, 3] = float("nan")
    with pytest.raises(FairpruneError, match=r"layer: the Gram matrix of its inputs cannot be"):
        ADMM.prepare(gram, 1, "layer", **DEFAULT)


def test_layers_of_one_input_share_what_is_made_of_it():
    weight, gram = layer()
    other = weight.flip(0)
    prepared = Statistics(prepared=ADMM.prepare(gram.clone(), 1, "layer", **DEFAULT))
    both = [weight, other], prepared, [0.5, 0.5], "unstructured", ["one", "two"]
    one, two = ADMM.solve(*both, **DEFAULT)
    assert torch.equal(one[1], two[1].flip(0))
    torch.testing.assert_close(one[0], two[0].flip(0))
