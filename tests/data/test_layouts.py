"""Public sets of the field in the form of their files: miniatures, and what is read of them."""

import csv
import gzip
import io
import json
import re
from pathlib import Path

import pytest
import yaml

from fairprune.config import Task
from fairprune.data.groups import Grouping
from fairprune.data.importers import IMPORTERS, find_importer, import_table
from fairprune.data.labels import parse_rule
from fairprune.data.prepare import prepare_task
from fairprune.data.tasks import read_task
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.table_files import Reading


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def written(path, content):
    path.write_bytes(content)
    return path


def cells(rows, **form):
    stream = io.StringIO()
    csv.writer(stream, **form).writerows(rows)
    return stream.getvalue()


def only(table, *columns):
    return [tuple(row.get(column) for column in columns) for row in table.rows]


def groups(path, name):
    """The rule of the format: which group a value of its labels stands for."""
    return parse_rule(find_importer(path, name).labels)


YELP = [
    {
        "review_id": f"r{n}",
        "user_id": "u",
        "business_id": f"b{n % 2}",
        "stars": stars,
        "useful": 0,
        "funny": 0,
        "cool": 1,
        "text": f"Plate {n} was\n\ncold — “sì”.",
        "date": "2018-07-07 22:09:11",
    }
    for n, stars in enumerate([1.0, 3.0, 5.0, 4.0])
]


def test_yelp(tmp_path):
    path = written(tmp_path / "yelp_academic_dataset_review.json", lines(YELP))
    table = import_table(path, "yelp")
    assert table.rows[0] == {**YELP[0], "label": 1.0}
    assert only(table, "text", "label", "business_id")[1:] == [
        ("Plate 1 was\n\ncold — “sì”.", 3.0, "b1"),
        ("Plate 2 was\n\ncold — “sì”.", 5.0, "b0"),
        ("Plate 3 was\n\ncold — “sì”.", 4.0, "b1"),
    ]


def test_reviews_of_one_business_make_an_input(tmp_path):
    rows = [
        {"business_id": f"b{b}", "stars": [1, 2, 3, 4, 5][n % 5], "text": f"Review {n} of {b}."}
        for b in range(9)
        for n in range(12)
    ]
    path = written(tmp_path / "yelp.json", lines(rows))
    options = {"split": "test", "format_name": "yelp", "grouping": Grouping(6)}
    options |= {"groups": ["pos", "neg"], "ignore": ["neu"], "group_by": "business_id"}
    prepare_task([path], tmp_path / "t.parquet", **options)
    named = {
        row["text"]: "neg" if row["stars"] < 3 else "pos" if row["stars"] > 3 else "neu"
        for row in rows
    }
    items = read_task(tmp_path / "t.parquet")
    assert items
    for item in items:
        assert len({text.rsplit(" ", 1)[1] for text in item.opinions}) == 1
        assert item.labels == [named[text] for text in item.opinions]
        assert "neu" not in item.labels
    own = {"labels": ["low=1-3", "high=4-5"], "groups": ["low", "high"], "ignore": []}
    prepare_task([path], tmp_path / "o.parquet", **(options | own))
    assert set(read_card(tmp_path / "o.parquet")["figures"]["labels"]) == {"low", "high"}


def test_yelp_polarity(tmp_path):
    content = (
        '"1","Never again.\\nCold \\""soup\\"", at 9, for two.\\n\\nWhy?"\n'
        '"2","Plain ""quotes"" stay; a \\\\ too."\n'
    )
    path = written(tmp_path / "train.csv", content.encode())
    table = import_table(path, "yelp-polarity")
    assert only(table, "text", "label") == [
        ('Never again.\nCold "soup", at 9, for two.\n\nWhy?', "1"),
        ('Plain "quotes" stay; a \\\\ too.', "2"),
    ]
    rule = groups(path, "yelp-polarity")
    assert [rule.group(value) for value in ("1", "2", "3")] == ["neg", "pos", None]


def test_amazon_2018(tmp_path):
    one = {"overall": 5.0, "verified": True, "asin": "B001", "reviewText": "Fits &amp; shines."}
    rows = [
        {**one, "vote": "2", "style": {"Color:": " Red"}, "summary": "Five stars"},
        {"overall": 1.0, "verified": False, "asin": "B002", "summary": "No text"},
        {**one, "overall": 2.0, "asin": "B002", "reviewText": "  "},
        {**one, "overall": 3.0, "asin": "B002", "reviewText": "So &#34;so&#34;.<br />Really."},
    ]
    path = written(tmp_path / "Software_5.json.gz", gzip.compress(lines(rows)))
    table = import_table(path, "amazon-2018")
    assert only(table, "text", "label", "asin") == [
        ("Fits & shines.", 5.0, "B001"),
        ('So "so".\nReally.', 3.0, "B002"),
    ]
    assert table.numbers == [1, 4]
    assert table.notes == ["2 reviews without text left out"]
    assert table.rows[0]["style"] == {"Color:": " Red"}


def test_amazon_2023(tmp_path):
    one = {"rating": 4.0, "title": "Good", "images": [], "asin": "B0C", "parent_asin": "B0P"}
    rows = [
        {**one, "text": "Warm.<br /><br>It &#39;works&#39;.", "verified_purchase": True},
        {**one, "rating": 1.0, "text": ""},
        {**one, "rating": 2.0, "text": "Broke.", "parent_asin": "B0Q"},
    ]
    path = written(tmp_path / "All_Beauty.jsonl", lines(rows))
    table = import_table(path, "amazon-2023")
    assert only(table, "text", "label", "asin", "parent_asin") == [
        ("Warm.\n\nIt 'works'.", 4.0, "B0C", "B0P"),
        ("Broke.", 2.0, "B0C", "B0Q"),
    ]
    assert table.notes == ["1 review without text left out"]


@pytest.mark.parametrize("name", ["yelp", "amazon-2018", "amazon-2023", "space", "amasum"])
def test_stars_become_groups(tmp_path, name):
    rule = groups(tmp_path, name)
    values = [rule.group(value) for value in "12345"]
    assert values == ["neg", "neg", "neu", "pos", "pos"]
    assert rule.group("0") is None
    assert rule.group("4.5") == "pos"


TWEETS = [
    ("Naïve “clocks” are fine, @a says. #SemST", "Atheism", "FAVOR"),
    ('He said "no!" and left #SemST', "Atheism", "AGAINST"),
    ('"Only an opening one… #SemST', "Climate Change is a Real Concern", "NONE"),
]
STANCES = [
    ("Naïve “clocks” are fine, @a says.", "FAVOR", "Atheism"),
    ('He said "no!" and left', "AGAINST", "Atheism"),
    ('"Only an opening one…', "NONE", "Climate Change is a Real Concern"),
]


def stance_tabs(opening=""):
    rows = [f"{101 + n}\t{t}\t{tweet}\t{s}" for n, (tweet, t, s) in enumerate(TWEETS)]
    return "\r\n".join(["ID\tTarget\tTweet\tStance", *rows, ""]) + opening


def test_semeval2016_stance_between_tabs(tmp_path):
    path = written(tmp_path / "trainingdata-all-annotations.txt", stance_tabs().encode("cp1252"))
    table = import_table(path, "semeval2016-stance")
    assert only(table, "text", "label", "Target") == STANCES
    assert any("Windows-1252" in note for note in table.notes)
    assert any("quotes are part" in note for note in table.notes)


def test_semeval2016_stance_as_csv_with_lines_of_an_old_mac(tmp_path):
    header = ("Tweet", "Target", "Stance", "Opinion Towards", "Sentiment")
    towards = "1.  The tweet is about the target, or a part of it."
    rows = [(tweet.removesuffix(" #SemST"), t, s, towards, "neg") for tweet, t, s in TWEETS]
    content = cells([header, *rows], lineterminator="\r").encode("cp1252")
    path = written(tmp_path / "train.csv", content)
    table = import_table(path, "semeval2016-stance")
    assert only(table, "text", "label", "Target") == STANCES
    assert only(table, "Sentiment", "Opinion Towards") == [("neg", towards)] * 3


def test_bytes_that_look_like_two_encodings_are_read_as_the_set_has_them(tmp_path):
    """`Ã¢` in Windows-1252 is a letter of UTF-8, too; the reader alone would ask."""
    content = stance_tabs("104\tAtheism\tthe arrow Ã¢ here #SemST\tNONE\r\n").encode("cp1252")
    path = written(tmp_path / "train.txt", content)
    table = import_table(path, "semeval2016-stance")
    assert only(table, "text")[3] == ("the arrow Ã¢ here",)
    assert table.notes[0] == "read as cp1252, as files of this set are"
    said = import_table(path, "semeval2016-stance", Reading(encoding="latin-1"))
    assert only(said, "text")[3] == ("the arrow Ã¢ here",)
    assert only(said, "text")[0] == ("Naïve \x93clocks\x94 are fine, @a says.",)
    (tmp_path / "utf8.txt").write_bytes(stance_tabs().encode())
    assert only(import_table(tmp_path / "utf8.txt", "semeval2016-stance"), "text", "label") == [
        row[:2] for row in STANCES
    ]


def test_stances_have_their_names(tmp_path):
    path = written(tmp_path / "t.txt", stance_tabs().encode("cp1252"))
    rule = groups(path, "semeval2016-stance")
    values = [rule.group(value) for value in ("FAVOR", "AGAINST", "NONE", "UNKNOWN")]
    assert values == ["favor", "against", "none", None]


SENTIMENT = [
    (
        "0",
        "1467810369",
        "Mon Apr 06 22:19:45 PDT 2009",
        "NO_QUERY",
        "ann",
        "&lt;3 &amp; caf\xe9",
    ),
    ("2", "8", "Mon May 11 03:18:54 UTC 2009", "kindle2", "bob", 'a "word", then \xc3\xa9'),
    ("4", "9", "Mon May 11 03:18:54 UTC 2009", "kindle2", "bob", "right \x9d byte"),
]


def test_sentiment140(tmp_path):
    content = cells(SENTIMENT, quoting=csv.QUOTE_ALL, lineterminator="\n").encode("latin-1")
    path = written(tmp_path / "training.1600000.processed.noemoticon.csv", content)
    table = import_table(path, "sentiment140")
    assert only(table, "text", "label", "query", "user") == [
        ("<3 & café", "0", "NO_QUERY", "ann"),
        ('a "word", then Ã©', "2", "kindle2", "bob"),
        ("right \x9d byte", "4", "kindle2", "bob"),
    ]
    assert table.notes == ["read as latin-1, as files of this set are"]
    rule = groups(path, "sentiment140")
    assert [rule.group(value) for value in "0241"] == ["neg", "neu", "pos", None]


FACETS = [f"I{n}" for n in range(1, 13)]
RELEVANT = ["R1", "R2", "R3", "R4", "R5", "R1-1-1", "R2-1-2", "R3-2-1", "R4-2-2", "R5-3-1"]


def mitweet(*tweets):
    """A file of tweets, each `(text, {facet: code})`."""
    header = ["topic", "tweet", "tokenized tweet", *RELEVANT, *FACETS]
    rows = [
        ["Abortion", text, text, *["0"] * len(RELEVANT), *(codes.get(f, "-1") for f in FACETS)]
        for text, codes in tweets
    ]
    return cells([header, *rows], lineterminator="\n").encode()


IDEOLOGIES = mitweet(
    ('"""Quoted"" tweet, of\n two lines’', {"I5": "0", "I12": "0"}),
    ("centre", {"I1": "1"}),
    ("right", {"I9": "2"}),
    ("both", {"I9": "2", "I10": "0"}),
    ("neither", {}),
)


def test_mitweet(tmp_path):
    path = written(tmp_path / "MITweet.csv", IDEOLOGIES)
    table = import_table(path, "mitweet")
    rule = groups(path, "mitweet")
    assert [(text, rule.group(label)) for text, label in only(table, "text", "label")] == [
        ('"""Quoted"" tweet, of\n two lines’', "left"),
        ("centre", "center"),
        ("right", "right"),
        ("both", "mixed"),
        ("neither", "unrelated"),
    ]
    assert [rule.group(label) for (label,) in only(table, "I9")] == [
        "unrelated",
        "unrelated",
        "right",
        "right",
        "unrelated",
    ]
    assert only(table, "topic") == [("Abortion",)] * 5


def test_one_facet_of_mitweet(tmp_path):
    tweets = [(f"tweet {n}", {"I9": "02"[n % 2], "I3": "1"}) for n in range(60)]
    tweets += [(f"off topic {n}", {"I3": "0"}) for n in range(10)]
    path = written(tmp_path / "MITweet.csv", mitweet(*tweets))
    options = {"split": "test", "format_name": "mitweet", "columns": ["labels=I9"]}
    options |= {"groups": ["left", "right"], "ignore": ["center", "unrelated", "mixed"]}
    prepare_task([path], tmp_path / "o.parquet", **options, grouping=Grouping(6, 2))
    for item in read_task(tmp_path / "o.parquet"):
        for text, label in zip(item.opinions, item.labels, strict=True):
            assert label == ("left" if int(text.split()[1]) % 2 == 0 else "right")


def hotel(number, **more):
    reviews = [
        {
            "review_id": f"UR{number}{n}",
            "rating": n + 1,
            "sentences": [f"Bed {n} of {number}.", "Ok."],
        }
        for n in range(5)
    ]
    return {
        "entity_id": f"{100 + number}",
        "entity_name": f"Inn {number}",
        "reviews": reviews,
    } | more


SUMMARIES = {"general": ["Quiet.", "Calm."], "food": ["Tasty."]}


def test_hotels_of_space_with_summaries_are_inputs(tmp_path):
    hotels = [hotel(0, summaries=SUMMARIES), hotel(1, summaries=SUMMARIES, split="dev")]
    path = written(tmp_path / "space_summ.json", json.dumps(hotels, indent=1).encode())
    first, second = import_table(path, "space").rows
    assert first == {
        "id": "100",
        "opinions": [f"Bed {n} of 0. Ok." for n in range(5)],
        "labels": [1, 2, 3, 4, 5],
        "references": ["Quiet.", "Calm."],
    }
    assert second["id"] == "101"
    assert second["split"] == "dev"


def test_hotels_of_space_without_summaries_are_single_reviews(tmp_path):
    path = written(tmp_path / "space_train.json", json.dumps([hotel(0), hotel(1)]).encode())
    table = import_table(path, "space")
    assert len(table.rows) == 10
    assert table.rows[6] == {
        "entity_id": "101",
        "entity_name": "Inn 1",
        "text": "Bed 1 of 1. Ok.",
        "label": 2,
    }
    assert table.where(6) == f"{path}, row 2"


PRODUCT = {
    "customer_reviews": [
        {
            "title": "t",
            "text": "Loud.<br/>Bright &amp; hot.",
            "rating": 2.0,
            "helpful_votes": 1,
        },
        {"title": "u", "text": "Great.", "rating": 5.0, "helpful_votes": 0},
    ],
    "website_summaries": [
        {"verdict": "A loud lamp.", "pros": ["Bright ", "Cheap"], "cons": ["Hot"]},
        {"verdict": "Bright.", "pros": [], "cons": []},
    ],
    "product_meta": {"title": "Lamp", "categories": ["Home"]},
}
LAMP = {
    "opinions": ["Loud.\nBright & hot.", "Great."],
    "labels": [2.0, 5.0],
    "references": ["A loud lamp.\nBright\nCheap\nHot", "Bright."],
}


def test_amasum_is_a_product_a_file(tmp_path):
    path = written(tmp_path / "B00LAMP.json", json.dumps(PRODUCT, indent=2).encode())
    assert import_table(path, "amasum").rows == [{"id": "B00LAMP", **LAMP}]
    joined = lines([{**PRODUCT, "id": "test/B1.json"}, PRODUCT])
    table = import_table(written(tmp_path / "test.jsonl", joined), "amasum")
    assert table.rows == [{"id": "test/B1.json", **LAMP}, LAMP]


def test_products_of_amasum_in_files_of_their_own_are_one_task(tmp_path):
    files = []
    for n in range(6):
        reviews = [{"text": f"Lamp {n}, {star}.", "rating": star} for star in (1, 3, 5)]
        product = PRODUCT | {"customer_reviews": reviews}
        files.append(written(tmp_path / f"B{n}.json", json.dumps(product).encode()))
    options = {"split": "test", "format_name": "amasum", "ignore": ["neu"]}
    prepare_task(files, tmp_path / "o.parquet", **options)
    items = read_task(tmp_path / "o.parquet")
    assert items
    for item in items:
        assert item.opinions == [f"Lamp {item.id[1:]}, {star}." for star in (1, 3, 5)]
        assert item.labels == ["neg", "neu", "pos"]
        assert item.references == LAMP["references"]


def test_oposum_segments_with_polarity(tmp_path):
    content = (
        "3 B002SUCYFO-0021\n+\tIt works -LRB- well -RRB- .\n0\tor so\n-\tthey say .\n\n\n"
        "0 B001DDPN9G-0004\n-\tBroken .\n"
    )
    path = written(tmp_path / "bluetooth.lbl", content.encode())
    assert import_table(path, "oposum").rows == [
        {
            "text": "It works ( well ) . or so they say .",
            "label": "3",
            "review": "B002SUCYFO-0021",
            "product": "B002SUCYFO",
        },
        {"text": "Broken .", "label": "0", "review": "B001DDPN9G-0004", "product": "B001DDPN9G"},
    ]
    rule = groups(path, "oposum")
    assert [rule.group(value) for value in "012345"] == ["neg", "neg", "neu", "pos", "pos", None]


def test_oposum_sentences_for_training(tmp_path):
    content = "4 R1XYZ\nI like it EDU_BREAK because it holds .\n- But a dash\n\n1 R2\nBad .\n"
    path = written(tmp_path / "boots.trn", content.encode())
    assert import_table(path, "oposum").rows == [
        {"text": "I like it because it holds . - But a dash", "label": "4", "review": "R1XYZ"},
        {"text": "Bad .", "label": "1", "review": "R2"},
    ]


REFUSALS = {
    "yelp: another of its files": (
        "yelp",
        "yelp_academic_dataset_business.json",
        lines([{"business_id": "b", "name": "Inn", "stars": 4.5}]),
        "unknown column 'text' in FILE (--format yelp). Known: business_id, name, stars",
    ),
    "yelp: no star": (
        "yelp",
        "review.json",
        lines([{**YELP[0], "stars": 0}]),
        "FILE, row 1: labels has no group for '0': add each to one, or to a name of its own that "
        "stands under ignore, too",
    ),
    "yelp-polarity: with a header and a title": (
        "yelp-polarity",
        "train.csv",
        b'"1","Title","Text"\n',
        "FILE: 3 columns, where 2 are expected (class, text)",
    ),
    "yelp-polarity: five classes": (
        "yelp-polarity",
        "train.csv",
        b'"1","Text"\n"5","Good"\n',
        "FILE, row 2: labels has no group for '5': add each to one, or to a name of its own that "
        "stands under ignore, too",
    ),
    "amazon-2018: the form of 2023": (
        "amazon-2018",
        "Software.jsonl",
        lines([{"rating": 1.0, "text": "a"}]),
        "unknown column 'reviewText' in FILE (--format amazon-2018). Known: rating, text",
    ),
    "amazon-2023: the form of 2018": (
        "amazon-2023",
        "Software.json",
        lines([{"overall": 1.0, "reviewText": "a"}]),
        "unknown column 'text' in FILE (--format amazon-2023). Known: overall, reviewText",
    ),
    "semeval2016-stance: no labels": (
        "semeval2016-stance",
        "SemEval2016-Task6-subtaskA-testdata.txt",
        b"ID\tTarget\tTweet\tStance\n10001\tAtheism\tSo #SemST\tUNKNOWN\n",
        "FILE, row 1: labels has no group for 'UNKNOWN': add each to one, or to a name of its own "
        "that stands under ignore, too",
    ),
    "semeval2016-stance: a tweet of nothing but the tag": (
        "semeval2016-stance",
        "t.txt",
        b"ID\tTarget\tTweet\tStance\n101\tAtheism\tSo\tNONE\n102\tAtheism\t#SemST\tNONE\n",
        "FILE, row 2, column 'text' is empty; a text is needed",
    ),
    "sentiment140: five columns": (
        "sentiment140",
        "t.csv",
        b'"0","8","Mon","NO_QUERY","text"\n',
        "FILE: 5 columns, where 6 are expected (polarity, tweet, date, query, user, text)",
    ),
    "mitweet: five steps": (
        "mitweet",
        "train.csv",
        mitweet(("a", {"I9": "1"}), ("b", {"I12": "3"})),
        "FILE, row 2, column 'I12': '3' is none of -1, 0, 1, 2; an early version of the files "
        "counts from 0 to 4 and means others by 1 and 2: take the current files",
    ),
    "mitweet: a facet is missing": (
        "mitweet",
        "train.csv",
        b"topic,tweet,I1\nAbortion,a,0\n",
        "FILE: no column I2, I3, I4, I5, I6, I7, I8, I9, I10, I11, I12; mitweet has I1 to I12 "
        "(found: topic, tweet, I1)",
    ),
    "space: some summaries": (
        "space",
        "space.json",
        json.dumps([hotel(0, summaries=SUMMARIES), hotel(1)]).encode(),
        "FILE, row 2: no summaries, though other hotels have some: put the two kinds into files, "
        "and tasks, of their own",
    ),
    "space: a review without stars": (
        "space",
        "space_train.json",
        json.dumps([{"entity_id": "1", "reviews": [{"sentences": ["a"]}]}]).encode(),
        'FILE, row 1, review 1: {"rating": …, "sentences": […]} is expected',
    ),
    "space: no general summary": (
        "space",
        "space_summ.json",
        json.dumps([hotel(0, summaries={"food": ["Tasty."]})]).encode(),
        "FILE, row 1: no general summaries (`summaries`, `general`)",
    ),
    "amasum: no reviews": (
        "amasum",
        "B1.json",
        json.dumps({**PRODUCT, "customer_reviews": []}).encode(),
        "FILE, row 1: a list 'customer_reviews' with at least one value is expected",
    ),
    "amasum: a review without stars": (
        "amasum",
        "B1.json",
        json.dumps({**PRODUCT, "customer_reviews": [{"text": "a"}]}).encode(),
        "FILE, row 1: label 1 is empty; a label is needed",
    ),
    "amasum: neither an object nor lines": (
        "amasum",
        "B1.json",
        b'{"customer_reviews": [\n',
        "FILE, line 1: not JSON: Expecting value: line 1 column 23 (char 22)",
    ),
    "oposum: a pointer": (
        "oposum",
        "bluetooth.trn",
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "FILE is a pointer of Git LFS, not the file: run git lfs pull",
    ),
    "oposum: a block without its head": (
        "oposum",
        "bluetooth.lbl",
        b"3 B1-0001\n+\tFine .\n\n+\tNo head .\n",
        "FILE, line 4: a line RATING PRODUCT-NUMBER and a review's lines are expected, found "
        "'+ No head .'",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_differs_is_refused(tmp_path, name):
    format_name, file, content, line = REFUSALS[name]
    path = written(tmp_path / file, content)
    with pytest.raises(FairpruneError) as refused:
        prepare_task([path], tmp_path / "o.parquet", split="test", format_name=format_name)
    assert str(refused.value).replace(str(path), "FILE") == line
    assert [found.name for found in tmp_path.iterdir()] == [file]


DOCUMENTED = (Path(__file__).parents[2] / "data/README.md").read_text(encoding="utf-8")
TASKS = {
    name: task
    for block in re.findall(r"^```yaml\n(tasks:.*?)^```", DOCUMENTED, re.M | re.S)
    for name, task in yaml.safe_load(block)["tasks"].items()
    if "format" in task
}
ONE_OF_EACH = {
    "gold": b"cat\tgroup_id\trev1\trev2\tsumm1\trating1\trating2\na\tB1\tx\ty\ts\t5.0\t3.0\n",
    "restaurants": lines(YELP),
    "polarity": b'"1","Cold."\n"2","Warm."\n',
    "software": gzip.compress(lines([{"overall": 5.0, "reviewText": "Runs.", "asin": "B1"}])),
    "beauty": lines([{"rating": 1.0, "text": "Broke.", "parent_asin": "B0P"}]),
    "hotels": json.dumps([hotel(0, summaries=SUMMARIES)]).encode(),
    "more-hotels": json.dumps([hotel(0)]).encode(),
    "products": lines([{**PRODUCT, "id": "B1"}]),
    "headsets": b"3 B1-0001\n+\tFine .\n",
    "stance": b"Tweet,Target,Stance\nSo,Atheism,NONE\n",
    "sentiment": b'"4","9","Mon","NO_QUERY","bob","Yes"\n',
    "ideology": IDEOLOGIES,
}


@pytest.mark.parametrize("name", TASKS)
def test_configurations_in_the_documentation_fit_their_files(tmp_path, name):
    """Groups are the format's, all of them, and `group_by` is a column of the file."""
    task = Task.model_validate(TASKS[name])
    path = written(tmp_path / Path(task.files[0]).name, ONE_OF_EACH[name])
    assert {*task.groups, *task.ignore} == set(find_importer(path, task.format).labels)
    table = import_table(path, task.format)
    single = "text" in table.columns
    assert single != ("opinions" in table.columns)
    if task.group_by is not None:
        assert all(row[task.group_by] for row in table.rows)
        assert single


def test_every_format_is_documented():
    shown = {task["format"] for task in TASKS.values()}
    plain = {"table", "csv", "jsonl", "parquet"}
    assert shown | {"hgla", "perspectivesumm", "fairsumm"} == set(IMPORTERS.names()) - plain
    for name in set(IMPORTERS.names()) - plain:
        assert f"\n| `{name}` |" in DOCUMENTED
