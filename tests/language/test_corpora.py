"""What a corpus may be."""

import json

import pyarrow as pa
import pytest
import torch
from shared import SHARED, needs_shared
from transformers import AutoTokenizer

from fairprune.errors import FairpruneError
from fairprune.io.tables import write_parquet
from fairprune.language.corpora import parse_corpus, parse_limits, read_corpus
from fairprune.language.windows import beginning_token, cut


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


@needs_shared
def test_wikitext2_makes_as_many_windows_as_are_published(tmp_path):
    """Wanda's authors count 83 windows of 4,096 tokens in Llama-2's (locuslab/wanda, issue 52)."""
    text = (SHARED / "data/wikitext2/test_raw.txt").read_text(encoding="utf-8")
    rows = [{"text": row} for row in text.rstrip("\n").split("\n\n")]
    file = tmp_path / "test.parquet"
    write_parquet(file, rows, pa.schema([("text", pa.string())]))
    tokenizer = AutoTokenizer.from_pretrained(SHARED / "data/tokenizers/llama2")
    ids = torch.tensor(tokenizer(read_corpus(file), verbose=False)["input_ids"])
    begin = beginning_token(tokenizer)
    counts = {n: len(cut(ids, n, begin, "first").ids) for n in (4096, 2048)}
    assert counts == {4096: 83, 2048: 166}


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
