"""General text in every form that it comes in, and what is wrong with some."""

import gzip
import json

import pyarrow as pa
import pytest

from fairprune.data import texts
from fairprune.data.texts import has_texts, read_texts
from fairprune.errors import FairpruneError
from fairprune.io.tables import write_parquet
from fairprune.language.corpora import read_corpus

DOCUMENTS = ["One day.\nA dog ran.", "", "Zwei Hühner.", "the end "]


@pytest.fixture
def made(tmp_path):
    """A function that writes the documents under a name, in the form that its ending says."""

    def write(name, rows=None):
        path = tmp_path / name
        rows = [{"text": text, "url": "https://x"} for text in DOCUMENTS] if rows is None else rows
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        if name.endswith(".parquet"):
            write_parquet(path, rows, pa.schema([("text", pa.string()), ("url", pa.string())]))
        else:
            path.write_bytes(gzip.compress(lines) if name.endswith(".gz") else lines)
        return path

    return write


@pytest.mark.parametrize("name", ["t.jsonl", "t.json.gz", "t.jsonl.gz", "t.parquet"])
def test_rows_in_every_form(made, name):
    path = made(name)
    assert has_texts(path)
    assert read_texts(path) == DOCUMENTS
    assert read_texts(path, limit=3) == DOCUMENTS[:3]
    assert read_corpus(path) == "\n\n".join(DOCUMENTS)
    assert read_corpus(path, limit=1) == DOCUMENTS[0]


def test_paragraphs(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text(" One.\nStill one.\n \n\nTwo.\n\nThree.\n", encoding="utf-8")
    assert has_texts(path)
    assert read_texts(path) == ["One.\nStill one.", "Two.", "Three."]
    assert read_texts(path, limit=2) == ["One.\nStill one.", "Two."]
    assert read_corpus(path, limit=2) == "One.\nStill one.\n\nTwo."


def test_a_task_is_told_from_texts(made):
    rows = [{"opinions": ["a"], "labels": ["b"], "text": "c"}]
    assert not has_texts(made("t.jsonl", rows))
    assert not has_texts(made("u.jsonl", [{"input": "a", "label": "b"}]))


def test_with_a_limit_the_rest_is_not_unpacked(made):
    path = made("t.json.gz", [{"text": f"document {n}, of many"} for n in range(50000)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert read_texts(path, limit=5)[4] == "document 4, of many"
    with pytest.raises(FairpruneError, match=r"t\.json\.gz cannot be read"):
        read_texts(path)


def test_a_line_that_unpacks_without_end(made, monkeypatch):
    monkeypatch.setattr(texts, "LONGEST_LINE", 1 << 20)
    path = made("t.json.gz", [{"text": "short"}, {"text": "x" * (1 << 21)}])
    assert path.stat().st_size < 1 << 13
    assert read_texts(path, limit=1) == ["short"]
    with pytest.raises(FairpruneError, match="line 2: longer than 1 MiB"):
        read_texts(path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.md", b"text", r"takes \.csv"),
        ("t.json.gz", b"no archive", r"t\.json\.gz cannot be read"),
        ("t.parquet", b"no table", "not Parquet"),
        ("t.jsonl", b"[1]\n", "row 1: a JSON object"),
        ("t.jsonl", b'{"text": "a"}\n\n{"text"\n', "line 3: not JSON"),
        ("t.jsonl", b'{"text": "\xff"}\n', "line 1: not JSON"),
        (
            "t.jsonl",
            b'{"text": "a"}\n{"text": 3}\n',
            "row 2, text: a text is expected, not a number",
        ),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FairpruneError, match=says):
        read_texts(tmp_path / name)


def test_what_is_not_there(tmp_path):
    for name in ("t.txt", "t.jsonl", "t.json.gz", "t.parquet"):
        with pytest.raises(FairpruneError, match="does not exist"):
            read_texts(tmp_path / name)
    (tmp_path / "e.jsonl").write_bytes(b"")
    with pytest.raises(FairpruneError, match="holds no rows"):
        has_texts(tmp_path / "e.jsonl")
