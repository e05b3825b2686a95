"""Names of variants."""

from pathlib import Path

import pytest

from fairprune.io.variants import Variant, name_in


def test_a_name_is_taken_apart():
    variant = Variant.parse("m/wanda/tweets.balanced-s43/0.50")
    assert (variant.fraction, variant.pattern, variant.dense) == (0.5, "unstructured", False)
    assert str(variant) == "m/wanda/tweets.balanced-s43/0.50"
    assert Variant.parse("m/dense/none/0.00").dense


@pytest.mark.parametrize(("name", "fraction"), [("2of4", 0.5), ("4of8", 0.5), ("1of4", 0.75)])
def test_a_pattern_keeps_n_of_m(name, fraction):
    assert Variant.parse(f"m/wanda/none/{name}").fraction == fraction


@pytest.mark.parametrize("name", ["m/wanda/none", "m/wanda/none/half", "m/wanda/none/0.5/t", ""])
def test_what_is_no_variant(name):
    with pytest.raises(ValueError):
        Variant.parse(name)


def test_the_name_of_a_target():
    assert name_in(Path("a/language/b/language/m/d/n/0.00.json"), "language") == "m/d/n/0.00"
    assert name_in(Path("results/fairness/m/d/n/0.50/t.json"), "fairness") == "m/d/n/0.50/t"
    assert name_in(Path("elsewhere/language.json"), "language") == "language"
    assert name_in(Path("out.json"), "language") == "out"
