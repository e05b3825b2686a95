"""The table of a model's variants: corrections, kinds of items, what is not judged or refused."""

import json

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from fairprune.bias.step import SCHEMA, compare_items
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.places import items_file
from fairprune.io.tables import read_parquet
from fairprune.language.items import read_items, write_items

KINDS = ("age", "gender", "race")


def measured(place, name, changed=0, n=90, units=None, seed=1, values=None, **other):
    """A file of language ability whose items are a model's, but for the first `changed` ones."""
    dice = np.random.default_rng(seed)
    right = (dice.random(n) < 0.6) * 1.0 if values is None else np.array(values)
    right[:changed] = 1
    rows = [
        {"task": "crows_pairs_local", "metric": "pct_stereotype", "item": i, "hash": f"h{i}"}
        | {"unit": units and units[i], "stratum": KINDS[min(i % 20, 2)], "value": value}
        | other
        for i, value in enumerate(right)
    ]
    file = place / "language" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"variant": name, "perplexity": [], "zero_shot": []}))
    write_items(file.with_suffix(".parquet"), rows)
    return file


@pytest.fixture
def made(tmp_path):
    def run(*variants, dense, **options):
        output = tmp_path / "bias.parquet"
        compare_items(variants, dense, output, **options)
        return read_parquet(output)

    return run


def test_one_row_a_variant_and_kind_of_items_corrected_together(tmp_path, made):
    dense = measured(tmp_path, "dense")
    variants = [measured(tmp_path, f"v{k}", changed=k) for k in (0, 20, 60)]
    rows = made(*variants, dense=dense)
    assert [row["stratum"] for row in rows[:4]] == ["all", *KINDS]
    assert list(rows[0]) == SCHEMA.names
    rated = [row for row in rows if row["q_value"] is not None]
    expected = false_discovery_control([row["p_value"] for row in rated])
    assert [row["q_value"] for row in rated] == pytest.approx(list(expected))
    few = [row for row in rows if row["units"] < 6]
    assert {row["stratum"] for row in few} == {"age", "gender"} and len(rated) + len(few) == 12
    assert {row["verdict"] for row in few} == {"not judged"}
    assert all("independent units" in row["reason"] for row in few)
    words = {row["variant"]: row["verdict"] for row in rows if row["stratum"] == "all"}
    assert words == {"v0": "equivalent", "v20": "undecided", "v60": "worse"}
    card = read_card(tmp_path / "bias.parquet")
    assert card["parameters"]["variants"] == ["v0", "v20", "v60"]
    assert set(card["inputs"]) == {"dense", "language0", "language1", "language2"}


def test_too_few_templates_make_the_items_units_and_that_is_marked(tmp_path, made):
    few, many = ([f"t{i % count}" for i in range(90)] for count in (4, 30))
    marks = {}
    for name, units in (("few", few), ("many", many)):
        dense = measured(tmp_path / name, "dense", units=units)
        rows = made(measured(tmp_path / name, "v", changed=9, units=units), dense=dense)
        marks[name] = (rows[0]["marks"], rows[0]["units"], rows[0]["test"])
    assert marks == {"few": ("pool", 90, "mcnemar"), "many": ("", 30, "swaps")}


def test_an_item_without_a_template_is_a_unit_and_the_others_keep_theirs(tmp_path, made):
    units = [None if i < 10 else f"t{i % 20}" for i in range(90)]
    dense = measured(tmp_path, "dense", units=units)
    rows = made(measured(tmp_path, "v", changed=9, units=units), dense=dense)
    assert (rows[0]["units"], rows[0]["test"], rows[0]["marks"]) == (30, "swaps", "")


def test_items_that_are_read_are_not_replaced(tmp_path):
    dense, other = (measured(tmp_path, name) for name in ("dense", "v"))
    for file in (dense, other):
        with pytest.raises(FairpruneError, match="holds items that are read: give another"):
            compare_items([other], dense, items_file(file))


def test_a_kind_called_all_is_not_all_items(tmp_path, made):
    places = [measured(tmp_path, name, changed=n) for name, n in (("dense", 0), ("v", 9))]
    for place in places:
        rows = read_items(place).rows
        kinds = [{**row, "stratum": row["stratum"].replace("age", "all")} for row in rows]
        write_items(place.with_suffix(".parquet"), kinds)
    rows = made(places[1], dense=places[0])
    assert [(row["stratum"], row["n"]) for row in rows] == [
        *(("all", 90), ("'all'", 5)),
        *(("gender", 5), ("race", 80)),
    ]


def test_draws_of_one_calibration_set_are_marked(tmp_path, made):
    dense = measured(tmp_path, "m/dense/none/0.00")
    names = ("m/wanda/r.b/0.50", "m/wanda/r.b-s43/0.50", "m/magnitude/none/0.50")
    rows = made(*(measured(tmp_path, name) for name in names), dense=dense)
    found = {row["variant"]: row["marks"] for row in rows if row["stratum"] == "all"}
    assert found == dict(zip(names, ("this draw", "this draw", ""), strict=True))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n": 89}, "v, crows_pairs_local pct_stereotype: .* on other items"),
        ({"hash": "another"}, "on other items"),
        ({"values": [0.0] * 89 + [7.0]}, "7 lies outside of 0 to 1"),
    ],
)
def test_what_cannot_be_compared(tmp_path, made, change, says):
    dense = measured(tmp_path, "dense")
    with pytest.raises(FairpruneError, match=says):
        made(measured(tmp_path, "v", **change), dense=dense)
    assert not (tmp_path / "bias.parquet").exists()


def test_a_goal_of_what_nobody_measured_and_a_variant_twice(tmp_path, made):
    dense, variant = measured(tmp_path, "dense"), measured(tmp_path, "v")
    with pytest.raises(FairpruneError, match="unknown score 'crows_pairs_local/acc' in --metric"):
        made(variant, dense=dense, metrics=["crows_pairs_local/acc=higher"])
    with pytest.raises(FairpruneError, match="'v' is given twice"):
        made(variant, variant, dense=dense)
    variant.with_suffix(".parquet").unlink()
    with pytest.raises(FairpruneError, match=r"v.parquet does not exist"):
        made(variant, dense=dense)
