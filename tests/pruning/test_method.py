"""What a method is made of, what it needs, and what is refused."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from fairprune.errors import FairpruneError
from fairprune.pruning.method import names, resolve
from fairprune.pruning.options import split_options

REFUSED = yaml.safe_load((Path(__file__).parent / "refused.yaml").read_text())


@pytest.mark.parametrize(("arguments", "says"), REFUSED, ids=lambda v: str(v)[:60])
def test_refused(arguments, says):
    with pytest.raises(FairpruneError) as error:
        resolve(**arguments)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "group", "form", "norm", "loss"),
    [
        ("magnitude", "layer", None, None, None),
        ("wanda", "row", None, None, None),
        ("multiflow", "row", None, None, None),
        ("gradient", "row", "product", "l2", "full"),
        ("gblm", "row", "sum", "l2", "full"),
        ("hgla", "row", "ratio", "l2", "last_token"),
        ("sparsegpt", "block", None, None, None),
        ("random", "row", None, None, None),
        ("ria", "row", None, None, None),
        ("ria-repository", "layer", None, None, None),
        ("admm", "layer", None, None, None),
        ("shortgpt", "blocks", None, None, None),
        ("hgla-repository", "adaptive", "sum", "sum_of_squares", "last_token"),
        ("gblm-repository", "row", "sum", "l2", "full"),
    ],
)
def test_defaults(name, group, form, norm, loss):
    method = resolve(name, sparsity="0.5")
    assert method.group == group
    assert method.allocation == "uniform"
    assert method.refinement is None
    assert method.options.get("score.form") == form
    assert method.options.get("score.gradient_norm") == norm
    assert method.gradient_loss == loss
    assert method.sparsity == Decimal("0.5")


@pytest.mark.parametrize(
    ("arguments", "calibration", "dense", "norms", "rewrites", "seeded"),
    [
        ({"name": "dense"}, False, False, set(), False, False),
        ({"name": "random"}, False, False, set(), False, True),
        ({"name": "magnitude"}, False, False, set(), False, False),
        ({"name": "magnitude", "allocation": "owl"}, True, True, set(), False, False),
        ({"name": "magnitude", "allocation": "alphapruning"}, False, False, set(), False, False),
        ({"name": "magnitude", "allocation": "neuroal"}, True, False, set(), False, False),
        ({"name": "magnitude", "refinement": "dsnot"}, True, False, set(), False, False),
        ({"name": "wanda"}, True, False, set(), False, False),
        ({"name": "wanda", "allocation": "owl"}, True, True, set(), False, False),
        ({"name": "gblm"}, True, False, {"l2"}, False, False),
        ({"name": "hgla"}, True, True, {"l2"}, False, False),
        ({"name": "gblm", "options": {"score.gradient_norm": "l1"}}, True, False, {"l1"}, 0, 0),
        ({"name": "sparsegpt"}, True, False, set(), True, False),
        ({"name": "sparsegpt", "pattern": "2:4"}, True, False, set(), True, False),
        ({"name": "sparsegpt", "refinement": "dsnot"}, True, False, set(), False, False),
        ({"name": "shortgpt"}, True, False, set(), False, False),
        ({"name": "admm"}, True, False, set(), True, False),
        ({"name": "admm", "pattern": "2:4"}, True, False, set(), True, False),
        ({"name": "magnitude", "refinement": "sparseswaps"}, True, False, set(), False, False),
        ({"name": "sparsegpt", "refinement": "sparseswaps"}, True, False, set(), False, False),
        ({"name": "ria", "allocation": "dlp"}, True, True, set(), False, False),
        ({"name": "neuroal-repository"}, True, False, set(), False, False),
        ({"name": "owl-repository"}, True, True, set(), False, False),
    ],
)
def test_needs(arguments, calibration, dense, norms, rewrites, seeded):
    method = resolve(**arguments)
    assert method.needs_calibration == calibration
    assert method.dense_activations == dense
    assert method.gradient_norms == norms
    assert method.rewrites_weights == bool(rewrites)
    assert method.seeded == bool(seeded)
    assert all(path.is_file() for path in method.files)


@pytest.mark.parametrize(
    ("name", "options", "warned"),
    [
        ("hgla", {}, False),
        ("hgla-repository", {}, False),
        ("hgla", {"score.gradient_norm": "sum_of_squares"}, True),
        ("hgla", {"score.gradient_norm": "sum_of_squares", "score.form": "sum"}, False),
        ("hgla-repository", {"score.form": "ratio"}, True),
        ("gblm", {"score.gradient_norm": "sum_of_squares", "score.form": "ratio"}, True),
        ("gradient", {"score.gradient_norm": "sum_of_squares", "score.form": "ratio"}, False),
        ("wanda", {}, False),
    ],
)
def test_a_ratio_over_squares_is_warned_of(name, options, warned):
    assert ("opposite of Wanda" in (resolve(name, options=options).caution or "")) == warned


def test_groups_follow_what_needs_rows():
    assert resolve("magnitude", refinement="dsnot").group == "row"
    assert resolve("magnitude", allocation="neuroal-block").group == "row"
    assert resolve("magnitude", allocation="owl").group == "layer"
    assert resolve("sparsegpt", allocation="neuroal-block").group == "block"
    assert resolve("sparsegpt", refinement="dsnot").group == "row"
    assert resolve("magnitude", refinement="sparseswaps").group == "row"
    assert resolve("sparsegpt", refinement="sparseswaps", pattern="2:4").group == "N:M"
    assert resolve("admm", allocation="neuroal-block").group == "layer"
    assert resolve("admm", group="layer").group == "layer"
    assert resolve("hgla-repository", pattern="2:4").group == "N:M"


def test_patterns():
    assert resolve("wanda", pattern="2of4").pattern == "2:4"
    assert resolve("wanda", pattern="2:4", sparsity=0.5).sparsity == Decimal("0.5")
    assert resolve("wanda", pattern="1:4").sparsity == Decimal("0.75")


def test_presets_give_way_to_what_is_said():
    method = resolve("hgla-repository", sparsity=0.5, group="row", options={"score.form": "ratio"})
    assert (method.group, method.options["score.form"]) == ("row", "ratio")
    assert method.repository
    assert resolve("owl-repository").options["allocation.renormalise"] is False
    assert resolve("wanda", allocation="owl").options["allocation.renormalise"] is True


def test_options_are_read_from_text():
    given = split_options(["allocation.M=3", "allocation.renormalise=false"])
    options = resolve("wanda", allocation="owl", options=given).options
    assert options["allocation.M"] == 3.0
    assert options["allocation.renormalise"] is False
    assert options["allocation.lambda"] == 0.08
    for wrong in (["a"], ["a=1", "a=2"]):
        with pytest.raises(FairpruneError, match="--option"):
            split_options(wrong)


def test_nothing_heavy_is_imported():
    program = (
        "import sys; from fairprune.pruning.method import names, resolve\n"
        "for name in names(): m = resolve(name); m.needs, m.files, m.parameters()\n"
        "for a in ('owl', 'alphapruning', 'neuroal'): resolve('wanda', allocation=a)\n"
        "resolve('wanda', refinement='dsnot'); assert not {'torch', 'numpy'} & set(sys.modules)"
    )
    scripts = Path(__file__).resolve().parents[2] / "scripts"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=scripts)


def test_every_name_resolves():
    assert set(names()) > {"wanda", "hgla", "sparsegpt", "hgla-repository"}
    for name in names():
        assert resolve(name).parameters()["method"] == name
