"""Configurations with a mistake anywhere: one line each, never a traceback, never accepted."""

import copy
import random

import pytest
import yaml
from config.test_config import CASES, ROOT, _changed

from fairprune.errors import FairpruneError
from fairprune.workflow.cautions import cautions
from fairprune.workflow.configured import configured
from fairprune.workflow.every_file import Wildcards, every_file
from fairprune.workflow.jobs import Jobs
from fairprune.workflow.known import check_size

FULL = yaml.safe_load((ROOT / "config/config.yaml").read_text())
FULL["models"] = {"llama": FULL["models"]["llama-3-8b"], "mine": {"path": "some/model"}}
FULL["grid"][0] |= {
    "models": ["mine"], "methods": ["wanda", "hgla"], "calibrations": ["politics.balanced"],
}  # fmt: skip
FULL |= {
    "prompts": {"mine": {"before": "a", "after": "b"}},
    "keep": {"gradients": False},
    "device": "cpu",
    "dtype": "float32",
    "annotation": {"inputs": 5, "variants": ["wanda/politics.balanced/0.50"]},
}
FULL["methods"]["mine"] = {
    "score": "gblm", "group": "layer", "allocation": "uniform",
    "options": {"score.gradient_norm": "l1"},
}  # fmt: skip
FULL["fairness"]["options"] = {"bur.tau": 0.7}

# By the kind of a value: what can never be meant in its place.
WRONG = {
    bool: ["maybe", 7, [], {}],
    int: ["many", True, 1.5, -7, 10**13, [], {}, float("nan"), None, "10"],
    float: ["many", float("nan"), float("inf"), -1.0, [], {}, None, 1e300],
    str: [7, True, None, [], {}, 0.5, ["a"], {"a": 1}],
    list: ["text", 7, {}, [[]], [None], [{"a": [1]}], True, [7.5, {}]],
    dict: ["text", 7, [], [1], {"no such key": 1}, {"": {}}, True, {"a/b": {}}],
}
# Where a value of another kind is one too.
FREE = {("date",), ("fairness", "options", "bur.tau"), ("methods", "mine", "options")}
LABELS = ("groups", "ignore", "pair")  # of a task: numbers and booleans are labels, too


def leaves(raw, place=()):
    """Every place of a configuration, with its value."""
    yield place, raw
    inner = (
        raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    )
    for key, value in inner:
        yield from leaves(value, (*place, key))


def mutations():
    """Every place with every wrong value, in an order drawn once."""
    found = [
        (place, wrong)
        for place, value in leaves(FULL)
        if place and not any(place[: len(free)] == free for free in FREE)
        for wrong in WRONG[type(value)]
        if not (place[0] == "grid" and place[2:3] == ("sparsities",) and wrong == 0.5)
        if not (place[2:3] and place[2] in LABELS and place[3:] and isinstance(wrong, (int, float)))
    ]
    random.Random(10).shuffle(found)
    return found


def test_the_whole_is_accepted():
    config = configured(FULL, "my.yaml")
    assert every_file(config)


def test_there_are_enough():
    assert len(mutations()) > 700


@pytest.mark.parametrize("part", range(8))
def test_a_wrong_value_anywhere_is_one_line(part):
    accepted = []
    for place, wrong in mutations()[part::8]:
        raw = _changed(FULL, place, wrong)
        try:
            config = configured(raw, "my.yaml")
        except FairpruneError as error:
            text = str(error)
            assert "\n" not in text and len(text) < 1500 and "my.yaml" in text, (place, wrong, text)
        else:
            every_file(config)
            accepted.append((place, wrong))
    assert [case for case in accepted if not harmless(*case)] == []


def harmless(place, wrong):
    """What is another configuration that makes sense: a part left out, or as many as there are."""
    if wrong is None and place[-1] in ("limit", "pair", "group", "score", "allocation", "variants",
                                       "models", "methods", "calibrations", "groups", "parameters",
                                       "path", "id", "revision", "batch_size"):  # fmt: skip
        return True
    empty = wrong in ([], {}) and not isinstance(wrong, bool)
    return empty and place[-1] not in ("models", "grid", "sparsities", "files", "seeds")


KEYS = ["", "a b", "../x", "dense", "none", "all", "card", "x" * 300, "ü", "-x", "a.b", "s-s43", 7]


@pytest.mark.parametrize("part", ["models", "tasks", "texts", "methods", "prompts"])
@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_names(part, key):
    raw = copy.deepcopy(FULL)
    raw[part][key] = copy.deepcopy(next(iter(raw[part].values())))
    with pytest.raises(FairpruneError) as refused:
        configured(raw, "my.yaml")
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 1500


def test_a_grid_that_cannot_be_meant_is_refused_before_it_is_spread_out():
    raw = copy.deepcopy(FULL)
    for number in range(300):
        raw["methods"][f"m{number}"] = {"score": "wanda"}
        raw["tasks"]["reviews"]["calibration"][f"c{number}"] = {"mix": "balanced"}
    raw["grid"] = [{"sparsities": [n / 1000 for n in range(100, 200)]}]
    raw["annotation"] = {}
    with pytest.raises(FairpruneError, match=r"grid: up to \d{8} variants"):
        configured(raw, "my.yaml")
    many = {"grid": [{"sparsities": [n / 10000 for n in range(500, 9500)]}]}
    with pytest.raises(FairpruneError, match=r"grid\.0\.sparsities: .*100 items"):
        configured({**CASES["base"], **many}, "my.yaml")


@pytest.mark.parametrize("name", ["x.csv", "missing.csv", "https://host/x.csv"])
def test_mixes_of_the_data(name, tmp_path, monkeypatch):
    """A value of the column `mix` is one; where the data are not here, the column must be named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("opinions,labels,mix\na || b,a || b,own\n")
    task = {"files": [name], "prompt": "reviews", "groups": ["a", "b"]}
    raw = {**CASES["base"], "tasks": {"t": {**task, "calibration": {"s": {"mix": "own"}}}}}
    if name == "x.csv":
        configured(raw, "my.yaml")
    else:
        with pytest.raises(FairpruneError, match="unknown mix 'own' in tasks"):
            configured(raw, "my.yaml")
        raw["tasks"]["t"]["columns"] = {"mix": "mix"}
        configured(raw, "my.yaml")
    raw["tasks"]["t"] |= {"columns": {}, "calibration": {"s": {"mix": "owm"}}}
    with pytest.raises(FairpruneError, match="unknown mix 'owm'"):
        configured(raw, "my.yaml")


def test_perplexity_on_what_calibrated_is_warned_of():
    raw = copy.deepcopy(CASES["base"])
    raw["texts"] = {"wiki": "wiki.txt", "same": "wiki.txt", "other": "other.txt"}
    raw["calibration"] = {"texts": ["wiki"], "seeds": [1, 2]}
    raw["language"] = {"corpora": ["same", "other"]}
    config = configured(raw, "my.yaml")
    (line,) = cautions(config)
    assert "'same'" in line and "'wiki'" in line
    assert check_size(config) is None
    assert Jobs(config).calibration_texts(Wildcards(calibration="wiki-s2")) == "wiki.txt"
