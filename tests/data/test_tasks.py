"""Tasks: what is read, what is refused, and the table that comes out."""

import csv
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fairprune.data.mixes import derive_mix
from fairprune.data.opinions import Opinions
from fairprune.data.prepare import prepare_task
from fairprune.data.tasks import SCHEMA, read_task
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.tables import write_jsonl


def row(number, split="test", **changes):
    opinions = [f"good thing {number}", f"bad thing {number}"]
    return {
        "id": f"r{number}",
        "split": split,
        "opinions": opinions,
        "label": ["p", "n"],
        **changes,
    }


def prepared(folder, rows, split="test", **options):
    source = folder / "task.jsonl"
    write_jsonl(source, rows)
    prepare_task([source], folder / "out.parquet", split=split, **options)
    return read_task(folder / "out.parquet")


def test_the_table_has_the_stated_columns_and_a_card(tmp_path):
    (item,) = prepared(tmp_path, [row(0, mix="own", summary="short"), row(1, "calibration")])
    opinions = ["good thing 0", "bad thing 0"]
    assert item == Opinions("r0", opinions, ["p", "n"], "own", ["short"])
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.schema.equals(SCHEMA)
    card = read_card(tmp_path / "out.parquet")
    assert card["figures"]["labels"] == {"n": 1, "p": 1}
    assert card["seed"] == 42


@pytest.mark.parametrize(
    ("labels", "ignore", "mix"),
    [
        (["a", "b"], [], "balanced"),
        (["a"] * 11 + ["b"] * 9, [], "balanced"),  # 0.55 is not over 0.55
        (["a"] * 12 + ["b"] * 9, [], "a-heavy"),
        (["a", "b", "b"], [], "b-heavy"),
        (["a", "a"], [], "a-only"),
        (["a", "neutral", "neutral"], ["neutral"], "a-only"),
        (["neutral"], ["neutral"], "unlabelled"),
        (["a", "a", "b", "c"], [], "balanced"),
        (["a", "a", "a", "b", "c"], [], "a-heavy"),
    ],
)
def test_a_mix_that_is_not_given_follows_from_the_labels(labels, ignore, mix):
    assert derive_mix(labels, ignore) == mix


def test_input_text_and_label_forms_give_the_same_table(tmp_path):
    expected = [Opinions("x", ["a b", "c||d"], ["1", "0"], "balanced", ["s"])]
    listed = {"id": "x", "split": "test", "opinions": ["a b", "c||d"], "labels": [1, 0.0]}
    assert prepared(tmp_path, [listed | {"references": ["s"]}]) == expected
    joined = {"id": "x", "split": "test", "input": "a b || c||d", "label": ["1", "0"]}
    assert prepared(tmp_path, [joined | {"summary": "s"}]) == expected
    forms = ['["1", "0"]', "['1', '0']", "1 || 0", "1,0", "[1, 0]"]
    for form in forms:
        with (tmp_path / "task.csv").open("w", newline="", encoding="utf-8-sig") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", "split", "input", "label", "summary"])
            writer.writerow(["x", "test", "a b || c||d", form, "s"])
        prepare_task([tmp_path / "task.csv"], tmp_path / "out.parquet", split="test")
        assert read_task(tmp_path / "out.parquet") == expected
    pq.write_table(pa.Table.from_pylist([listed | {"references": ["s"]}]), tmp_path / "t.parquet")
    prepare_task([tmp_path / "t.parquet"], tmp_path / "out.parquet", split="test")
    assert read_task(tmp_path / "out.parquet") == expected


def test_other_column_names(tmp_path):
    theirs = {"key": "x", "part": "test", "texts": ["a", "b"], "stance": ["p", "n"], "gold": "g"}
    pairs = ["id=key", "split=part", "input=texts", "label=stance", "summary=gold", "mix=part"]
    (item,) = prepared(tmp_path, [theirs], columns=pairs)
    assert item == Opinions("x", ["a", "b"], ["p", "n"], "test", ["g"])


def test_ids_that_are_missing_are_numbered(tmp_path):
    rows = [{k: v for k, v in row(i).items() if k != "id"} for i in range(2)]
    assert [item.id for item in prepared(tmp_path, rows)] == ["task-00000", "task-00001"]


def test_ignored_labels_stay_in_the_table_and_groups_are_checked(tmp_path):
    mixed = row(0, opinions=["a", "b", "c"], label=["p", "neutral", "n"])
    (item,) = prepared(tmp_path, [mixed], groups=["p", "n"], ignore=["neutral"])
    assert item.labels == ["p", "neutral", "n"]
    assert item.mix == "balanced"
    with pytest.raises(FairpruneError, match=r"label 'neutral' in .*task\.jsonl, row 1"):
        prepared(tmp_path, [mixed], groups=["p", "n"])


def test_a_limit_keeps_every_mix(tmp_path):
    rows = [row(i, mix="a") for i in range(5)] + [row(5, mix="b")]
    assert [item.id for item in prepared(tmp_path, rows, limit=3)] == ["r0", "r1", "r5"]


def test_a_limit_leaves_out_inputs_of_one_group_first(tmp_path):
    alone = [row(i, mix="a", opinions=["x", "y"], label=["p", "p"]) for i in range(3)]
    ignored = [row(3, mix="a", opinions=["x", "y"], label=["p", "other"])]
    both = [row(i, mix="b", opinions=["x", "y"], label=["p", "n"]) for i in range(4, 7)]
    found = prepared(tmp_path, alone + ignored + both, limit=4, ignore=["other"])
    assert [item.id for item in found] == ["r0", "r4", "r5", "r6"]


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([], {}, "no rows"),
        ([row(0, label=["p"])], {}, r"task\.jsonl, row 1: 2 opinions but 1 labels"),
        ([row(0), row(1, opinions=["a", " "])], {}, r"row 2: opinion 2 of 2 is empty"),
        ([row(0), row(1, opinions=[])], {}, r"row 2: no opinions"),
        ([row(0, opinions="a || || b")], {}, r"opinion 2 of 3 is empty"),
        ([row(0, label=["p", None])], {}, r"row 1: label 2 is empty"),
        ([row(0, opinions=7)], {}, r"a list or a text is expected, not a number \(7\)"),
        ([row(0), row(1, id="r0")], {}, r"row 2: id 'r0' is that of .*row 1 too"),
        ([row(0, label=["p", "q"])], {"groups": ["p", "n"]}, r"unknown label 'q' in .*row 1"),
        ([row(0, split="tset")], {}, r"unknown split 'tset' in .*row 1; did you mean 'test'"),
        ([row(0), row(1, split=None)], {}, r"row 2: no split"),
        ([row(0, references=[3])], {}, r"row 1: references must be"),
        ([{"input": "a || b", "lable": ["p", "n"]}], {}, r"no column 'labels' or 'label'.*'lable'"),
        ([row(0)], {"columns": ["labels=lable"]}, r"unknown column 'lable'.*did you mean 'label'"),
        ([row(0)], {"columns": ["labls=label"]}, r"unknown field 'labls'.*did you mean 'labels'"),
        ([row(0)], {"columns": ["labels"]}, r"KEY=COLUMN is expected"),
        ([row(0)], {"split": "dev"}, r"unknown split 'dev' in --split"),
        ([row(0)], {"split": "calibration"}, r"no inputs for the split 'calibration'.*test 1"),
        ([row(0)], {"format_name": "jsonll"}, r"unknown format 'jsonll'.*did you mean 'jsonl'"),
        (
            [row(0, opinions=["a\ud800", "b"])],
            {},
            r"row 1: opinion 1 of 2: a text holds half a character",
        ),
    ],
)
def test_mistakes_are_one_line_that_names_file_and_row(tmp_path, rows, options, message):
    source = tmp_path / "task.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(FairpruneError, match=message) as caught:
        prepare_task([source], tmp_path / "out.parquet", **{"split": "test", **options})
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.parquet").exists()


def test_files_that_cannot_be_read(tmp_path):
    for name, content, message in [
        ("a.jsonl", b"{", r"a\.jsonl, line 1: not JSON"),
        ("a.csv", b"\xff\xfea", r"a\.csv, line 1: not utf-16"),
        ("a.csv", b"id,input\n1,a,b\n", "row 1: more cells"),
        ("a.parquet", b"PAR", "not a Parquet file"),
        ("a.xyz", b"", "no format is known for the ending '.xyz'"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FairpruneError, match=message):
            prepare_task([tmp_path / name], tmp_path / "out.parquet", split="test")
    with pytest.raises(FairpruneError, match="does not exist"):
        prepare_task([tmp_path / "no.jsonl"], tmp_path / "out.parquet", split="test")


def test_the_same_input_gives_the_same_bytes(tmp_path):
    prepared(tmp_path, [row(i, None) for i in range(30)])
    first = (tmp_path / "out.parquet").read_bytes()
    prepared(tmp_path, [row(i, None) for i in range(30)])
    assert (tmp_path / "out.parquet").read_bytes() == first
    prepared(tmp_path, [row(i, None) for i in range(30)], seed=7)
    assert (tmp_path / "out.parquet").read_bytes() != first


def test_files_that_share_ids_give_each_its_own(tmp_path):
    """Two files of one name without ids, and two with the same ones."""
    for number, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        rows = [row(n, opinions=[f"{folder} {n}", f"{folder} {n} too"]) for n in range(2)]
        write_jsonl(tmp_path / folder / "own.jsonl", rows)
        bare = [{k: v for k, v in r.items() if k != "id"} for r in rows]
        write_jsonl(tmp_path / folder / f"r{number}.jsonl", rows)
        write_jsonl(tmp_path / folder / "reviews.jsonl", bare)

    def ids(*names):
        files = [tmp_path / name for name in names]
        prepare_task(files, tmp_path / "out.parquet", split="test")
        return [item.id for item in read_task(tmp_path / "out.parquet")]

    assert ids("a/reviews.jsonl", "b/reviews.jsonl") == [
        "a-reviews-00000", "a-reviews-00001", "b-reviews-00000", "b-reviews-00001",
    ]  # fmt: skip
    assert ids("a/own.jsonl", "b/own.jsonl") == ["a-own-r0", "a-own-r1", "b-own-r0", "b-own-r1"]
    assert ids("a/r0.jsonl", "b/r1.jsonl") == ["r0-r0", "r0-r1", "r1-r0", "r1-r1"]
    assert ids("a/reviews.jsonl", "b/own.jsonl") == ["reviews-00000", "reviews-00001", "r0", "r1"]
    with pytest.raises(FairpruneError, match="is that of"):
        ids("a/own.jsonl", "a/own.jsonl")
