"""Configurations: what is accepted, what is refused, and in which words."""

import copy
from pathlib import Path

import pytest
import yaml

from fairprune import config_file
from fairprune.errors import FairpruneError
from fairprune.values import sparsity_name
from fairprune.workflow import plan
from fairprune.workflow.configured import configured
from fairprune.workflow.known import check_known

ROOT = Path(__file__).resolve().parents[2]
CASES = yaml.safe_load((Path(__file__).parent / "refused.yaml").read_text())


def _changed(raw, place, value):
    raw = copy.deepcopy(raw)
    inside = raw
    *parents, last = place
    for part in parents:
        inside = inside.setdefault(part, {}) if isinstance(inside, dict) else inside[part]
    inside[last] = value
    return raw


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_refused(case):
    """Every mistake is one line that names the place and holds the words of the case."""
    raw = _changed(CASES["base"], case["place"], case["value"])
    with pytest.raises(FairpruneError) as refused:
        configured(raw, "my.yaml")
    message = str(refused.value)
    assert message.startswith("my.yaml") or " in my.yaml, " in message
    assert "\n" not in message and len(message) < 1000
    for words in case["says"]:
        assert str(words) in message
    for words in case.get("hides", []):
        assert words not in message


def test_base_of_the_cases_is_accepted():
    """Otherwise each case could be refused for another reason than its own."""
    check_known(config_file.parse(CASES["base"]))


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "config").glob("*.yaml")))
def test_shipped_configurations_are_valid(name):
    check_known(config_file.read(ROOT / "config" / name))


def test_schema_is_what_the_types_say():
    shipped = (ROOT / "config" / "schema.json").read_text(encoding="utf-8")
    assert shipped == config_file.schema(), "run make schema"


def test_a_goal_of_a_score_that_its_task_has_not_is_refused():
    raw = copy.deepcopy(CASES["base"]) | {
        "language": {"zero_shot": ["bbq_local"], "data": {"bbq_local": ["x.jsonl"]}},
        "bias": {"metrics": {"bbq_local": {"acc_ambi": {"better": "higher"}}}},
    }
    with pytest.raises(FairpruneError, match=r"bias.metrics.bbq_local; did you mean 'acc_ambig'"):
        configured(raw, "my.yaml")


def test_published_experiment():
    """The default is the grid of the paper."""
    config = config_file.read(ROOT / "config" / "config.yaml")
    ids = [model.id for model in config.models.values()]
    assert ids == [
        "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
        "meta-llama/Meta-Llama-3-8B",
        "google/gemma-2b-it",
    ]
    assert (config.calibration.samples, config.calibration.length, config.seed) == (128, 512, 42)
    assert config.grid[0].sparsities == ["0.10", "0.20", "0.30", "0.40", "0.50"]
    variants = plan.variants(config)
    assert len(set(variants)) == len(variants)
    # 3 models: dense; 2 methods without calibration × 5; 5 methods × 16 sets × 5 sparsities
    assert len(variants) == 3 * (1 + 2 * 5 + 5 * 16 * 5)
    for task, groups in (("politics", "Pro-Democrat Pro-Republican"), ("reviews", "neg pos")):
        mixes = {made.mix for made in config.tasks[task].calibration.values()}
        both = ["balanced", "proportional", "random", "combined"]
        own = ["unbias_equal_representation", "bias_equal_representation"]
        assert mixes == {*groups.split(), *both, *own}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (0.5, "0.50"), ("0.5", "0.50"), (0.05, "0.05"), (0.95, "0.95"), ("0.125", "0.125"),
        (0.1, "0.10"), ("2:4", "2of4"), ("4of8", "4of8"), ("0.500", "0.50"),
    ],
)  # fmt: skip
def test_sparsity_names(value, name):
    assert sparsity_name(value) == name


@pytest.mark.parametrize("value", [0, 1, 0.04, 0.96, -0.5, "4:2", "0:4", "half", None, "nan", 124])
def test_sparsities_out_of_range(value):
    with pytest.raises(ValueError):
        sparsity_name(value)


def test_written_configuration_reads_back_equal(tmp_path):
    config = config_file.parse(CASES["base"])
    config_file.write(config, tmp_path / "config.yaml")
    assert config_file.read(tmp_path / "config.yaml") == config
