"""What a corpus may be."""

import json

import pyarrow as pa
import pytest

from fairprune.errors import FairpruneError
from fairprune.io.tables import write_parquet
from fairprune.language.corpora import parse_corpus, parse_limits, read_corpus


def test_a_text_file_is_taken_as_it_is(tmp_path):
    file = tmp_path / "c.txt"
    file.write_text(" = Title = \n\nTwo  spaces.\n", encoding="utf-8")
    assert read_corpus(file) == " = Title = \n\nTwo  spaces.\n"


def test_rows_are_joined_by_an_empty_line(tmp_path):
    rows = [{"text": "one"}, {"text": ["two", "three"]}]
    file = tmp_path / "c.jsonl"
    file.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    assert read_corpus(file) == "one\n\ntwo\n\nthree"
    table = tmp_path / "c.parquet"
    write_parquet(table, [{"text": "one"}, {"text": ""}], pa.schema([("text", pa.string())]))
    assert read_corpus(table) == "one\n\n"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("c.txt", b" \n", "holds no text"),
        ("c.txt", b"\xff\xfe\x00", "not utf-16"),
        ("c.jsonl", b'{"txt": "one"}\n', "row 1: a column `text`"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FairpruneError, match=says):
        read_corpus(tmp_path / name)


def test_name_and_file(tmp_path):
    file = tmp_path / "a=b.txt"
    file.write_text("x")
    assert parse_corpus(f"wiki={file}") == ("wiki", file)
    for given in ("wiki", f"={file}", "wiki="):
        with pytest.raises(FairpruneError, match="NAME=FILE"):
            parse_corpus(given)
    with pytest.raises(FairpruneError, match="does not exist"):
        parse_corpus("wiki=nowhere.txt")


def test_limits():
    assert parse_limits(["c4=1100"], {"c4", "ptb"}) == {"c4": 1100}
    for given in ("c4", "c4=", "c4=-1", "c4=0", "=3"):
        with pytest.raises(FairpruneError, match="--limit"):
            parse_limits([given], {"c4"})
    with pytest.raises(FairpruneError, match="unknown corpus 'c5' in --limit; did you"):
        parse_limits(["c5=1"], {"c4", "ptb"})
