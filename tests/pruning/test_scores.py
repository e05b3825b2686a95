"""Every score against values worked out by hand."""

from pathlib import Path

import pytest
import torch
import yaml

from fairprune.pruning.declare import SCORES
from fairprune.pruning.method import resolve
from fairprune.pruning.statistics import Evidence, Statistics

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text())


def statistics(case):
    given = {
        key: torch.tensor(case[key], dtype=torch.float32)
        for key in ("activation_norm", "gradient")
        if key in case
    }
    if "upper" in case:
        from fairprune.pruning.factor import Factor

        upper = torch.tensor(case["upper"], dtype=torch.float32)
        given["prepared"] = Factor(upper, torch.zeros(len(upper), dtype=torch.bool), 0.01)
    return Statistics(**given)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['score']}{c.get('options', '')}")
def test_by_hand(case):
    method = resolve(
        case["score"],
        sparsity=0.5,
        options={f"score.{k}": v for k, v in case.get("options", {}).items()},
    )
    weight = torch.tensor(case["weight"], dtype=torch.float32)
    found = SCORES.get(case["score"]).function(weight, statistics(case), **method.score_options)
    torch.testing.assert_close(found, torch.tensor(case["expected"], dtype=torch.float32))


def test_every_score_has_a_case():
    apart = {n for n in SCORES.names() if SCORES.get(n).function is None}  # solved for
    apart |= {n for n in SCORES.names() if SCORES.get(n).group == "blocks"} | {"random", "dense"}
    assert {case["score"] for case in CASES} | apart == set(SCORES.names())


def test_random_has_a_stream_a_layer():
    weight = torch.zeros(3, 5)
    draw = SCORES.get("random").function

    def noise(layer, seed):
        return draw(weight, Evidence(seed=seed).layer(layer, weight.device, None))

    assert torch.equal(noise("a", 1), noise("a", 1))
    assert not torch.equal(noise("a", 1), noise("b", 1))
    assert not torch.equal(noise("a", 1), noise("a", 2))
    assert 0 <= noise("a", 1).min() <= noise("a", 1).max() < 1


@pytest.mark.parametrize(("norm", "expected"), [("l1", 3.0), ("l2", 2.0), ("sum_of_squares", 4.0)])
def test_gradient_norms(norm, expected):
    stored = {"l1.q": torch.full((1, 1), 3.0), "l2.q": torch.full((1, 1), 2.0)}
    found = Evidence(gradients=stored, norm=norm).layer("q", torch.device("cpu"), None)
    assert found.gradient.item() == expected
