"""One table in every form that it comes in, and what cells, labels and headers may look like."""

import csv
import gzip
import io
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from shared import SHARED, needs_shared

from fairprune.data.cells import label_of
from fairprune.data.groups import Grouping
from fairprune.data.labels import apply_rule, parse_rule
from fairprune.data.lists import list_of, split_labels, split_opinions
from fairprune.data.prepare import prepare_task
from fairprune.data.tasks import read_task
from fairprune.data.texts import read_texts
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.table_files import Reading, read_table
from fairprune.language.corpora import read_corpus

ROWS = [
    {"text": "Grün, sagt sie; „schön“ & mehr", "label": "pos"},
    {"text": 'a "quoted" word', "label": "neg"},
    {"text": "two\nlines", "label": "pos"},
    {"text": "a\ttab, and 5€", "label": "neg"},
]


def separated(delimiter=",", end="\n", rows=ROWS):
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=end)
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return stream.getvalue()


LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
FORMS = {
    "csv": ("t.csv", separated().encode()),
    "csv, Windows": ("t.csv", separated(end="\r\n").encode()),
    "csv with a mark": ("t.csv", separated().encode("utf-8-sig")),
    "semicolons": ("t.csv", separated(";").encode()),
    "semicolons, said": ("t.csv", b"sep=;\r\n" + separated(";", "\r\n").encode("cp1252")),
    "tabs in csv": ("t.csv", separated("\t").encode()),
    "tsv": ("t.tsv", separated("\t").encode()),
    "utf-16": ("t.csv", separated("\t").encode("utf-16")),
    "utf-16 without a mark": ("t.csv", separated("\t").encode("utf-16-le")),
    "cp1252": ("T.CSV", separated(";").encode("cp1252")),
    "csv.gz": ("t.csv.gz", gzip.compress(separated().encode())),
    "json": ("t.json", json.dumps(ROWS, indent=1).encode()),
    "json with a mark": ("t.json", json.dumps(ROWS).encode("utf-8-sig")),
    "lines in .json": ("t.json", LINES.encode()),
    "lines": ("t.jsonl", LINES.encode()),
    "lines with a mark": ("t.jsonl", LINES.encode("utf-8-sig")),
    "lines, utf-16": ("t.ndjson", LINES.encode("utf-16")),
    "lines.gz": ("t.jsonl.gz", gzip.compress(LINES.encode())),
    "array.gz": ("t.json.gz", gzip.compress(json.dumps(ROWS).encode())),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_table_is_one(tmp_path, name):
    file, content = FORMS[name]
    (tmp_path / file).write_bytes(content)
    table = read_table(tmp_path / file)
    assert table.rows == ROWS
    assert table.numbers == [1, 2, 3, 4]
    assert read_texts(tmp_path / file) == [row["text"] for row in ROWS]
    assert read_texts(tmp_path / file, limit=2) == [row["text"] for row in ROWS[:2]]


@pytest.mark.parametrize("ending", [".xlsx", ".parquet"])
def test_forms_that_pandas_writes(tmp_path, ending):
    path = tmp_path / f"t{ending}"
    frame = pd.DataFrame(ROWS)
    if ending == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_excel(path, index=False, engine="xlsxwriter")
    assert read_table(path).rows == ROWS


def test_a_sheet_of_several(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        for name, text in (("one", "a"), ("two", "b")):
            sheet = book.add_worksheet(name)
            sheet.write_row(2, 0, ["text", "label"])
            sheet.write_row(3, 0, [text, 1])
            sheet.write_row(6, 0, [text * 2, 0])
        book.add_worksheet("empty")
    table = read_table(tmp_path / "t.xlsx", Reading(sheet="two"))
    assert table.rows == [{"text": "b", "label": 1}, {"text": "bb", "label": 0}]
    assert table.numbers == [1, 4]
    assert table.notes == ["2 blank rows skipped"]


def test_how_a_file_was_read_is_said_and_stands_in_the_card(tmp_path, capsys):
    rows = "".join(f"grün {i};{'ab'[i % 2]}\n" for i in range(60))
    (tmp_path / "t.csv").write_bytes(f"Text ;LABEL\n{rows};\n;\n\n".encode("cp1252"))
    prepare_task([tmp_path / "t.csv"], tmp_path / "o.parquet", split="test")
    said = capsys.readouterr().err
    assert "read as Windows-1252 (which gives 'grün', say)" in said
    assert "2 blank rows skipped" in said
    figures = read_card(tmp_path / "o.parquet")["figures"]
    assert [note.partition(": ")[2] for note in figures["read"]] == [
        "read as Windows-1252 (which gives 'grün', say)",
        "2 blank rows skipped",
    ]


def test_quotes_between_tabs_are_texts(tmp_path):
    text = 'text\tlabel\n"so it goes\tx\nhe said "no"\ty\nto end"\tx\n'
    (tmp_path / "t.tsv").write_text(text)
    table = read_table(tmp_path / "t.tsv")
    assert [row["text"] for row in table.rows] == ['"so it goes', 'he said "no"', 'to end"']
    assert table.notes == ["quotes are part of the texts (as in line 2)"]


def test_one_column_may_hold_what_separates_others(tmp_path):
    (tmp_path / "t.csv").write_text("text\none, two; three\nfour\n")
    assert read_texts(tmp_path / "t.csv") == ["one, two; three", "four"]


cells = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=12)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=6), st.sampled_from(",;\t"))
def test_whatever_a_writer_of_csv_writes_is_read(tmp_path_factory, found, delimiter):
    rows = [{"text": f"x{a}", "label": f"y{b}"} for a, b in found]
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_text(separated(delimiter, rows=rows), newline="", encoding="utf-8")
    assert read_table(path, Reading(delimiter=delimiter)).rows == rows
    try:
        assert read_table(path).rows == rows
    except FairpruneError as error:
        assert "could be separated by" in str(error) or "a quote that is opened" in str(error)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (0, "0"), (0.0, "0"), ("0", "0"), (False, "false"), (True, "true"), (1, "1"), (1.0, "1"),
        ("1.0", "1"), (" 1 ", "1"), ("-2.00", "-2"), (2.5, "2.5"), ("1.50", "1.5"), ("a.0", "a.0"),
        ("neg", "neg"), (10**20, str(10**20)),
    ],
)  # fmt: skip
def test_labels(value, label):
    assert label_of(value, "row 1") == label


@pytest.mark.parametrize(
    "texts",
    [["Great screen", "The battery died"], ["it's", 'a "b"'], ["one"], ["a\nb", "c,d", "e' 'f"]],
)
def test_lists_as_text_of_numpy_python_and_json(texts):
    written = [str(np.array(texts)), str(np.array(texts, dtype=object)), str(texts)]
    for text in [*written, json.dumps(texts), repr(texts).replace(", ", ",\n ")]:
        assert split_opinions(text, "row 1") == texts
    assert split_labels(str(np.array([0, 1, 1])), "row 1") == ["0", "1", "1"]
    assert split_labels(str(np.array([0.0, 1.0])), "row 1") == ["0", "1"]
    assert list_of("[deleted]", "row 1") is None
    assert split_opinions("[deleted] || [sic]", "row 1") == ["[deleted]", "[sic]"]


@given(st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=5))
def test_what_numpy_and_python_write_is_never_glued(texts):
    for text in (str(texts), str(np.array(texts, dtype=object))):
        assert list_of(text, "row 1") == texts


def test_labels_by_rule(tmp_path):
    rule = parse_rule({"complaint": [1, 2.0], "neutral": ["3"], "praise": ["4-5"], "no": [False]})
    expected = {"1": "complaint", "2": "complaint", "3": "neutral", "4.5": "praise", "5": "praise"}
    found = [(value, "row 1") for value in [*expected, "false"]]
    assert apply_rule(rule, found) == expected | {"false": "no"}
    rows = "".join(f"text {i},{i % 5 + 1}\n" for i in range(100))
    (tmp_path / "t.csv").write_text("text,stars\n" + rows)
    pairs = ["complaint=1-2", "neutral=3", "praise=4", "praise=5.0"]
    prepare_task(
        [tmp_path / "t.csv"],
        tmp_path / "o.parquet",
        split="test",
        columns=["labels=stars"],
        labels=pairs,
        groups=["complaint", "praise"],
        ignore=["neutral"],
    )
    items = read_task(tmp_path / "o.parquet")
    assert {label for item in items for label in item.labels} == {"complaint", "praise"}
    assert {item.mix for item in items} == {"balanced", "complaint-heavy", "praise-heavy"}
    for item in items:
        for text, label in zip(item.opinions, item.labels, strict=True):
            star = int(text.split()[1]) % 5 + 1
            assert label == ("complaint" if star < 3 else "praise")


@pytest.mark.parametrize("products", [30, 5])
def test_inputs_are_of_one_set_each(tmp_path, products):
    rng = np.random.default_rng(0)
    rows = [
        {"Product": f"p{p}", "text": f"{p} says {i}", "label": str(rng.choice(["x", "y"]))}
        for p in range(products)
        for i in range(3 if p == 0 else 24)
    ]
    (tmp_path / "t.csv").write_text(separated(rows=rows))
    made, sets = {}, {}
    for split in ("train", "calibration", "test"):
        out = tmp_path / f"{split}.parquet"
        options = {"group_by": "product", "grouping": Grouping(size=8)}
        prepare_task([tmp_path / "t.csv"], out, split=split, **options)
        made[split] = read_task(out)
        opinions = [o for item in made[split] for o in item.opinions]
        assert len(opinions) == len(set(opinions))
        sets[split] = {o.split()[0] for o in opinions}
    for split in ("calibration", "test"):
        for item in made[split]:
            assert len(item.opinions) == 8
            assert len({o.split()[0] for o in item.opinions}) == 1
    names = list(sets)
    assert not any(sets[a] & sets[b] for a in names for b in names if a < b)
    assert len(made["test"]) > len(made["calibration"])
    said = read_card(tmp_path / "test.parquet")["figures"]["made"]
    assert said.startswith(f"{len(made['test'])} inputs of 8 in the test split, of")


def test_few_large_sets_take_turns(tmp_path):
    rows = [
        {"hotel": h, "text": f"{h} {i}", "label": "xy"[i % 2]} for h in "abcd" for i in range(400)
    ]
    (tmp_path / "t.csv").write_text(separated(rows=rows))
    options = {"group_by": "hotel", "grouping": Grouping(size=20, inputs=6)}
    prepare_task([tmp_path / "t.csv"], tmp_path / "o.parquet", split="test", **options)
    items = read_task(tmp_path / "o.parquet")
    counts = pd.Series([item.mix for item in items]).value_counts()
    assert counts.max() <= 6
    hotels = pd.Series([item.opinions[0][0] for item in items]).value_counts()
    assert hotels.max() - hotels.min() <= 1 + len(items) // 4


def test_splits_by_their_other_names(tmp_path):
    words = {"TRAIN": "train", "Training": "train", "val": "calibration", "dev": "calibration"}
    words |= {"validation": "calibration", "valid": "calibration", "Test": "test"}
    rows = [
        {"id": word, "opinions": [f"a {word}", f"b {word}"], "labels": ["x", "y"], "split": word}
        for word in words
    ]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    for split in set(words.values()):
        prepare_task([tmp_path / "t.json"], tmp_path / "o.parquet", split=split)
        found = [item.id for item in read_task(tmp_path / "o.parquet")]
        assert found == [word for word in words if words[word] == split]


def test_single_opinions_of_a_file_without_calibration(tmp_path):
    rows = [
        {"text": f"t {i}", "label": "xy"[i % 2], "split": "train" if i < 200 else "test"}
        for i in range(400)
    ]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    seen = {}
    for split in ("train", "calibration", "test"):
        prepare_task([tmp_path / "t.json"], tmp_path / "o.parquet", split=split)
        texts = {o for item in read_task(tmp_path / "o.parquet") for o in item.opinions}
        seen[split] = {int(text.split()[1]) for text in texts}
    assert len(seen["train"]) == 60
    assert not seen["train"] & seen["calibration"]
    assert max(seen["train"] | seen["calibration"]) < 200 <= min(seen["test"])


@needs_shared
def test_real_tweets_by_their_target(tmp_path):
    """SemEval-2016: five targets, train and test; neither stance is one of the tweets to `none`."""
    source = SHARED / "data/semeval2016_stance/stance.csv"
    tweets = pd.read_csv(source)
    topics = dict(zip(tweets["text"].str.split().str.join(" "), tweets["target"], strict=True))
    options = {"group_by": "Target", "groups": ["against", "favor"], "ignore": ["none"]}
    for split in ("train", "calibration", "test"):
        prepare_task([source], tmp_path / f"{split}.parquet", split=split, **options)
        for item in read_task(tmp_path / f"{split}.parquet"):
            found = {topics[" ".join(opinion.split())] for opinion in item.opinions}
            assert len(found) == 1 or split == "train"
    assert len(read_task(tmp_path / "test.parquet")) >= 20


@needs_shared
def test_real_reviews_in_other_forms_are_the_same_task(tmp_path):
    source = SHARED / "data/perspectivesumm_reviews/amazon_short.jsonl"
    rows = read_table(source).rows
    frame = pd.DataFrame(rows)
    frame.to_parquet(tmp_path / "amazon_short.parquet")
    (tmp_path / "amazon_short.json").write_text(json.dumps(rows))
    frame.map(lambda cell: json.dumps(cell) if isinstance(cell, list) else cell).to_csv(
        tmp_path / "amazon_short.csv", index=False, sep=";", encoding="utf-16"
    )
    prepare_task([source], tmp_path / "expected.parquet", split="test")
    expected = read_task(tmp_path / "expected.parquet")
    for ending in (".parquet", ".json", ".csv"):
        prepare_task([tmp_path / f"amazon_short{ending}"], tmp_path / "o.parquet", split="test")
        assert read_task(tmp_path / "o.parquet") == expected


def test_general_text_in_other_encodings(tmp_path):
    text = "Ein Hund läuft.\n\nZwei „Hühner“."
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        (tmp_path / "t.txt").write_bytes(text.encode(encoding))
        assert read_texts(tmp_path / "t.txt") == text.split("\n\n")
        assert read_corpus(tmp_path / "t.txt") == text


@pytest.mark.parametrize("text", ["Größe S, „Spaß“ dabei", "Un « thé » déjà froid", "5 m² für 3€"])
def test_quotes_and_signs_of_western_languages(tmp_path, text):
    (tmp_path / "t.csv").write_bytes(f"text;label\n{text};x\n".encode("cp1252"))
    assert read_table(tmp_path / "t.csv").rows[0]["text"] == text


def test_quotes_are_quotes_where_other_cells_show_it(tmp_path):
    rows = [{"text": f"Nice phone {i}, \nI like it", "label": "neg"} for i in range(9)]
    (tmp_path / "t.csv").write_text(separated(rows=rows))
    assert read_table(tmp_path / "t.csv").rows == rows


@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\r\n", '"sep=;"\r\n', "sep=;\r"])
def test_a_line_that_says_the_separator(tmp_path, first):
    (tmp_path / "t.csv").write_text(first + "text;label\na,b;x\n", newline="")
    assert read_table(tmp_path / "t.csv").rows == [{"text": "a,b", "label": "x"}]


@pytest.mark.parametrize("said", ["tab", "\\t", "\t"])
def test_a_tab_may_be_said_in_words(tmp_path, said):
    (tmp_path / "t.csv").write_text("text;a\tlabel\nx;y\tz\n")
    rows = read_table(tmp_path / "t.csv", Reading(delimiter=said)).rows
    assert rows == [{"text;a": "x;y", "label": "z"}]


def test_cells_that_show_an_error_are_said(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["text", "label"])
        sheet.write_row(1, 0, ["a", "x"])
        sheet.write_formula(2, 0, "=-Great", None, "#NAME?")
    assert read_table(tmp_path / "t.xlsx").notes == [
        "cells that show an error are empty: A3",
        "1 blank row skipped",
    ]


def test_numbers_of_single_precision_keep_their_digits(tmp_path):
    table = pa.table({"text": ["a"], "label": pa.array([4.1], pa.float32())})
    pq.write_table(table, tmp_path / "t.parquet")
    assert label_of(read_table(tmp_path / "t.parquet").rows[0]["label"], "row 1") == "4.1"
    assert label_of(4.1, "row 1") == "4.1"
    assert label_of(Decimal("2.50"), "row 1") == "2.5"


def test_opinions_that_come_again_and_labels_alike_are_said(tmp_path, capsys):
    rows = [{"text": f"text {i % 80}", "label": "Pos" if i < 40 else "neg"} for i in range(90)]
    rows += [{"text": f"more {i}", "label": "pos"} for i in range(40)]
    rows += [{"text": f"other {i}", "label": "neutral"} for i in range(7)]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    options = {"split": "test", "ignore": ["neutral"]}
    prepare_task([tmp_path / "t.json"], tmp_path / "o.parquet", **options)
    said = capsys.readouterr().err
    assert "10 opinions repeat an earlier one and are left out, 10 of them with another" in said
    assert "labels that differ in case alone are groups of their own: 'Pos' and 'pos'" in said
    assert "7 opinions of labels that are no group are left out" in said


def test_mixes_that_cannot_be_made_are_said(tmp_path):
    rows = [{"text": f"text {i}", "label": "neg" if i < 60 else "pos"} for i in range(300)]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    prepare_task([tmp_path / "t.json"], tmp_path / "o.parquet", split="test")
    mixes = {item.mix for item in read_task(tmp_path / "o.parquet")}
    made = read_card(tmp_path / "o.parquet")["figures"]["made"]
    for mix in {"balanced", "neg-heavy", "pos-heavy"} - mixes:
        assert mix in made
    assert ("none of them" in made) == (len(mixes) < 3)


@pytest.mark.parametrize(
    ("sizes", "size", "sets"),
    [([1000, 8, 7, 6], 7, 4), ([20] * 30, 10, 30), ([7] * 200 + [40] * 30, 7, 230)],
)
def test_the_size_of_inputs_suits_most_sets(tmp_path, sizes, size, sets):
    rows = [
        {"product": f"p{p}", "text": f"{p} {i}", "label": "xy"[i % 2]}
        for p, number in enumerate(sizes)
        for i in range(number)
    ]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    prepare_task([tmp_path / "t.json"], tmp_path / "o.parquet", split="test", group_by="product")
    assert {len(item.opinions) for item in read_task(tmp_path / "o.parquet")} == {size}
    made = read_card(tmp_path / "o.parquet")["figures"]["made"]
    assert f"of {size} in the test split" in made and f"of {sets} sets (product)" in made


def test_texts_beside_lists_and_columns_that_are_named(tmp_path):
    rows = [
        {"text": "id", "opinions": [f"a {i}", f"b {i}"], "labels": ["x", "y"]} for i in range(9)
    ]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    prepare_task([tmp_path / "t.json"], tmp_path / "o.parquet", split="test")
    assert all(len(item.opinions) == 2 for item in read_task(tmp_path / "o.parquet"))
    rows = [{"text": f"t {i}", "label": "xy"[i % 2], "input": "web"} for i in range(90)]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    options = {"split": "test", "columns": ["text=text"]}
    prepare_task([tmp_path / "t.json"], tmp_path / "o.parquet", **options)
    assert read_task(tmp_path / "o.parquet")[0].opinions[0].startswith("t ")
