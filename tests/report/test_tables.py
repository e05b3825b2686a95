"""The tidy tables: what stands in them, and that they come out the same."""

import csv
import shutil

import pytest
from report.micro_results import LAYERS

from fairprune.errors import FairpruneError
from fairprune.io.tables import read_json, read_parquet
from fairprune.pruning.masks import Masks
from fairprune.report.csv_files import write_csv
from fairprune.report.find import find_results
from fairprune.report.tables import COLUMNS, build_tables

VARIANT = "tiny/wanda/reviews.balanced/0.50"


@pytest.fixture(scope="module")
def tables(results_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    files = build_tables(find_results(results_folder), folder)
    assert [file.name for file in files] == [f"{name}.csv" for name in COLUMNS]
    found = {}
    for file in files:
        with file.open(encoding="utf-8", newline="") as stream:
            found[file.stem] = list(csv.DictReader(stream))
    return found


def only(rows, **wanted):
    return [row for row in rows if all(row[k] == v for k, v in wanted.items())]


def variant_of(row):
    return "/".join(row[k] for k in ("model", "method", "calibration", "sparsity"))


def test_fairness_says_what_the_files_say(results_folder, tables):
    task = "reviews"
    mine = [r for r in tables["fairness"] if variant_of(r) == VARIANT and r["task"] == task]
    written = read_json(results_folder / "fairness" / VARIANT / f"{task}.json")["metrics"]
    assert len(mine) == len(written) + 2 * 4  # and who is heard, which no model has alone
    shift = [row for row in mine if row["metric"] == "shift"]
    mine = [row for row in mine if row["metric"] != "shift"]
    assert all(row["value"] == "" and row["group"] for row in shift)
    compared = {
        (r["attribution"], r["metric"], r["stratum"]): r
        for r in read_parquet(results_folder / "comparisons" / "tiny" / f"{task}.parquet")
        if r["variant"] == VARIANT
    }
    for row, figure in zip(mine, written, strict=True):
        key = figure["attribution"], figure["metric"], figure["stratum"]
        assert (row["attribution"], row["metric"], row["stratum"]) == key
        if figure["value"] is None:
            assert row["value"] == row["low"] == ""
            continue
        assert float(row["value"]) == pytest.approx(figure["value"], rel=1e-5)
        assert float(row["high"]) == pytest.approx(figure["high"], rel=1e-5)
        assert row["verdict"] == (compared[key]["verdict"] or "")
        assert row["reason"] == compared[key]["reason"]
        for name, column in (("difference", "difference"), ("dense_value", "against_value"),
                             ("value_compared", "value"), ("q_value", "q_value")):  # fmt: skip
            theirs = compared[key][column]
            assert (row[name] and float(row[name])) == (
                "" if theirs is None else pytest.approx(theirs, rel=1e-5, abs=1e-12)
            )


def test_the_dense_model_is_compared_with_nothing(tables):
    dense = only(tables["fairness"], method="dense")
    assert len(dense) == 2 * 2 * 13 * 4
    assert all(row["verdict"] == row["difference"] == "" for row in dense)
    assert tables["fairness"][0]["method"] == "dense"


def test_broken_variants_are_marked(tables):
    marks = {(r["method"], r["sparsity"]): r for r in only(tables["fairness"], stratum="all")}
    assert marks["random", "0.50"]["broken"] == "true"
    assert float(marks["random", "0.50"]["validity"]) < 0.9
    assert marks["wanda", "0.30"]["broken"] == "false"


def test_bias_is_compared_item_by_item(tables, results_folder):
    row = only(tables["bias"], method="random", sparsity="0.50", stratum="all")[0]
    (read,) = [
        r
        for r in read_parquet(results_folder / "bias" / "tiny.parquet")
        if r["variant"] == variant_of(row) and r["stratum"] == "all"
    ]
    assert (row["goal"], row["dense_value"], row["n"]) == ("0.5", "0.5", "26")
    for ours, theirs in [("difference_low", "low"), ("worsening", "worsening"), ("flip_rate",) * 2]:
        assert float(row[ours]) == pytest.approx(read[theirs], abs=1e-5)
    assert (row["verdict"], row["newly_biased"]) == (read["verdict"], row["difference"])
    strata = [r["stratum"] for r in tables["bias"]]
    assert strata == sorted(strata, key=lambda name: name != "all") and "gender" in strata


def test_language_and_pruning(tables):
    row = only(tables["language"], method="dense", kind="perplexity")[0]
    shown = ("name", "window", "beginning", "value", "n")
    assert [row[name] for name in shown] == ["stories", "256", "every", "9.5", "10200"]
    assert only(tables["language"], method="dense", kind="zero_shot")[0]["stderr"] == "0.02"
    layers = [r for r in tables["pruning"] if variant_of(r) == VARIANT]
    assert [r["layer"] for r in layers][:2] == [
        "model.layers.0.self_attn.q_proj",
        "model.layers.0.self_attn.o_proj",
    ]
    assert {(r["weights"], r["actual_sparsity"]) for r in layers} == {("4096", "0.5")}


def test_costs(tables):
    (dense,) = only(tables["costs"], method="dense")
    assert (dense["actual_sparsity"], dense["kept_mb"]) == ("", "")
    assert (dense["parameters"], dense["memory_mb"], dense["disk_mb"]) == ("1000000", "4", "2")
    assert (dense["tokens_per_second"], dense["measured_on"]) == ("2000", "corpora")
    (row,) = [r for r in tables["costs"] if variant_of(r) == VARIANT]
    assert row["actual_sparsity"] == "0.5"
    assert 0 < float(row["kept_mb"]) < 0.01


def test_masks_in_common(tables, results_folder):
    """Against counting them by hand, of every pair of variants of one sparsity."""
    rows = [r for r in tables["overlap"] if r["sparsity"] == "0.30"]
    whole, layers = [[r for r in rows if bool(r["layer"]) == b] for b in (False, True)]
    names = {variant_of(r) for r in tables["pruning"] if r["sparsity"] == "0.30"}
    pairs = len(names) * (len(names) - 1) // 2
    assert (len(whole), len(layers)) == (pairs, pairs * len(LAYERS))
    for row in whole[:: len(whole) // 20]:
        other = row | {"method": row["other_method"], "calibration": row["other_calibration"]}
        one, two = (Masks(results_folder / "pruned" / variant_of(r)) for r in (row, other))
        both = sum(int((one[layer] & two[layer]).sum()) for layer in LAYERS)
        pruned = [sum(int(m[layer].sum()) for layer in LAYERS) for m in (one, two)]
        assert (int(row["common"]), int(row["pruned"]), int(row["other_pruned"])) == (both, *pruned)
        assert float(row["share"]) == pytest.approx(2 * both / sum(pruned), rel=1e-5)
    # by the seeds of the masks: sets of one method agree, methods do so by chance
    same = [float(r["beyond_chance"]) for r in whole if r["method"] == r["other_method"]]
    apart = [float(r["beyond_chance"]) for r in whole if r["method"] != r["other_method"]]
    assert min(same) > 0.5 > 0.1 > max(map(abs, apart))


def test_answers_are_tables_too(tables):
    row = only(tables["decomposition"], task="reviews", metric="uer", source="method")[0]
    assert float(row["low"]) <= float(row["variance"]) <= float(row["high"])
    assert (row["methods"], row["sets"], row["seeds"]) == ("2", "2", "3")
    on_front = only(tables["pareto"], metric="uer", measure="rougeL", stratum="all", front="true")
    assert {r["method"] for r in on_front} >= {"dense"}
    assert not {variant_of(r) for r in on_front} & {
        variant_of(r) for r in only(tables["fairness"], broken="true")
    }
    first = only(tables["first_difference"], method="random", task="reviews")
    assert {(r["metric"], r["tested"]) for r in first} == {("uer_excess", "2")}
    pooled = only(tables["first_difference"], method="wanda", task="reviews")
    assert {r["calibration"] for r in pooled} == {"reviews.balanced-s*", "reviews.other-s*"}
    (rho,) = only(tables["agreement"], task="reviews", metric="uer", stratum="all")
    assert (rho["first"], rho["second"]) == ("tokens", "classifier")
    assert 20 <= int(rho["variants"]) <= 26 and 3 <= int(rho["n"]) <= 9
    assert -1 <= float(rho["rho"]) <= 1


@pytest.mark.long("of large reports")
def test_what_people_said(results_folder, tables, tmp_path):
    said = only(tables["annotation"], method="wanda", sparsity="0.50")
    assert [(r["question"], r["alpha"], r["alpha_pairs"]) for r in said] == [
        ("fairer", "0.42", "18"),
        ("better", "", "0"),
    ]
    assert (said[0]["calibration"], said[0]["annotators"]) == ("reviews.balanced", "2")
    copy = tmp_path / "copy"
    shutil.copytree(results_folder, copy)
    file = copy / "annotation/tiny/reviews/results.json"
    file.with_name("results.json.card.json").unlink()
    file.write_text('{"win_rates": [{}]}')
    with pytest.raises(FairpruneError, match=r"no result of read_annotation\.py"):
        build_tables(find_results(copy), tmp_path / "tables")


def test_the_same_results_give_the_same_bytes(results_folder, tmp_path):
    first, second = (build_tables(find_results(results_folder), tmp_path / n) for n in "ab")
    assert [f.read_bytes() for f in first] == [f.read_bytes() for f in second]


def test_numbers_have_six_digits_and_nothing_is_lost(tmp_path):
    rows = [{"a": 0.123456789, "b": None, "c": True, "d": 1234567, "e": 'x,"y"'}, {"a": 1e-9}]
    file = write_csv(tmp_path / "t.csv", rows, "abcde")
    assert file.read_text() == 'a,b,c,d,e\n0.123457,,true,1234567,"x,""y"""\n1e-09,,,,\n'


def test_a_manifest_chooses_files(results_folder, tmp_path):
    listed = [
        results_folder / "fairness" / VARIANT / "reviews.json",
        results_folder / "fairness/tiny/dense/none/0.00/reviews.json",
        results_folder / "comparisons/tiny/reviews.parquet",
    ]
    manifest = tmp_path / "manifest.txt"
    manifest.write_text("".join(f"{path}\n" for path in listed) + "\n")
    found = find_results(results_folder, manifest=manifest)
    assert [str(v) for v in found.variants] == ["tiny/dense/none/0.00", VARIANT]
    assert {t.task for t in found.fairness} == {"reviews"}
    assert not found.language and len(found.comparisons) == 1
    manifest.write_text("results/fairness/nowhere.json\n")
    with pytest.raises(FairpruneError, match=r"nowhere\.json, which does not exist"):
        find_results(results_folder, manifest=manifest)


def test_variants_can_be_chosen(results_folder):
    found = find_results(results_folder, [VARIANT])
    assert [str(v) for v in found.variants] == ["tiny/dense/none/0.00", VARIANT]
    with pytest.raises(FairpruneError, match=r"did you mean 'tiny/wanda/reviews\.balanced/0\.50'"):
        find_results(results_folder, ["tiny/wanda/reviews.balanced/0.5"])


def test_what_is_no_results_folder(tmp_path, results_folder):
    with pytest.raises(FairpruneError, match="is no folder"):
        find_results(tmp_path / "nowhere")
    with pytest.raises(FairpruneError, match="no evaluated variant"):
        find_results(tmp_path)
    copy = tmp_path / "copy"
    shutil.copytree(results_folder, copy)
    (copy / "fairness/tiny/wanda/reviews.balanced/half").mkdir()
    (copy / "fairness/tiny/wanda/reviews.balanced/half/reviews.json").write_text("{}")
    with pytest.raises(FairpruneError, match="MODEL/METHOD/CALIBRATION/SPARSITY is expected"):
        find_results(copy)


def test_a_changed_result_is_noticed(results_folder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(results_folder, copy)
    file = copy / "fairness" / VARIANT / "reviews.json"
    file.write_text(file.read_text().replace("0.1", "0.2"))
    with pytest.raises(FairpruneError, match=r"reviews\.json"):
        build_tables(find_results(copy), tmp_path / "tables")
    file.with_name(file.name + ".card.json").unlink()
    file.write_text('{"variant": "x"}')
    with pytest.raises(FairpruneError, match="is no result of evaluate_fairness"):
        build_tables(find_results(copy), tmp_path / "tables")
