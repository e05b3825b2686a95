"""Every loop over a user's text is linear: long texts of each suspicious kind take no time."""

import json
import time

import pytest

from fairprune.data.columns import parse_columns
from fairprune.data.importers import import_table
from fairprune.data.lists import split_labels, split_opinions
from fairprune.data.splits import normalise
from fairprune.data.texts import read_texts
from fairprune.errors import FairpruneError, unknown
from fairprune.io.tables import read_jsonl
from fairprune.quality.copying import copying
from fairprune.quality.diversity import distinct
from fairprune.quality.length import compression
from fairprune.quality.rouge import rouge
from fairprune.text.languages import detect
from fairprune.text.sentences import sentences
from fairprune.text.similar import nearest_opinions
from fairprune.text.validity import validity
from fairprune.text.words import content_tokens, words
from fairprune.tokens import holds_secret
from fairprune.values import check_folder, check_name, check_source, sparsity_name

LENGTH = 100_000
SECONDS = 5


def upto(text):
    return (text * (LENGTH // len(text) + 1))[:LENGTH]


KINDS = {
    kind: upto(kind)
    for kind in (
        *("a", " ", ".", "a.", "\n", "\n \t", "|| ", "a || ", " ||", "&", "&#", "<||>", "(", "["),
        *("{", "[[", "[1,", "'", '"', "-", "a-", "a'", "\u0301", "\\", "1 ", ",", "a, ", "A.B. "),
        *("ab cd. ", "\t", "=", "<b>", "\u4e2d", "\ufffd", "://", "?token="),
    )
}
KINDS["numbers in brackets"] = f".[{' '.join(map(str, range(101, 40_000, 2)))[:LENGTH]}]"
KINDS["words"] = " ".join(f"w{n % 997}" for n in range(LENGTH // 5))
KINDS["all words different"] = " ".join(f"w{n}" for n in range(LENGTH // 6))


def written(name, before, after=""):
    """A function that reads a file in which the text stands."""

    def read(text, folder):
        file = folder / name
        file.write_text(before + text + after)
        reader = {".jsonl": read_jsonl, ".txt": read_texts}.get(file.suffix, import_table)
        return reader(file)

    return read


LOOPS = {
    "opinions": lambda text, _: split_opinions(text, "row 1"),
    "labels": lambda text, _: split_labels(text, "row 1"),
    "texts compared": lambda text, _: normalise(text),
    "an unknown name": lambda text, _: unknown("label", text, [text[:-1], text[1:], "x"]),
    "sentences": lambda text, _: sentences(text),
    "sentences in Hindi": lambda text, _: sentences(text, "hi"),
    "words": lambda text, _: words(text),
    "words in Chinese": lambda text, _: words(text, "zh"),
    "content tokens": lambda text, _: content_tokens(text),
    "copies": lambda text, _: copying(text, [text, text[:-1], text[1:]]),
    "ROUGE": lambda text, _: rouge(text, [text[:-1]]),
    "language": lambda text, _: detect([text]),
    "validity": lambda text, _: validity(text, [text[:-1]]),
    "distinct": lambda text, _: distinct(text, 2),
    "length": lambda text, _: compression(text, [text]),
    "nearest opinion": lambda text, _: nearest_opinions([text, "b"], [text, text[:-1], "b"]),
    "CSV": written("a.csv", "text,label\n", ",x\n"),
    "CSV in quotes": written("a.csv", 'text,label\n"', '",x\n'),
    "JSON Lines": written("a.jsonl", '{"text": "', '"}'),
    "JSON of any form": written("b.jsonl", ""),
    "plain text": written("a.txt", ""),
    "FairSumm": lambda text, folder: import_fairsumm(text, folder),
    "a list in a cell": lambda text, _: split_opinions(f"[{json.dumps(text)}]", "row 1"),
    "half a list in a cell": lambda text, _: split_opinions(f"['{text}]", "row 1"),
    "a path": lambda text, _: check_source(text),
    "a folder": lambda text, _: check_folder(text),
    "a name": lambda text, _: check_name(text),
    "a sparsity": lambda text, _: sparsity_name(text),
    "secrets": lambda text, _: holds_secret(text),
    "columns": lambda text, _: parse_columns([text]),
}


def import_fairsumm(text, folder):
    (folder / "a.txt").write_text(f"1<||>group<||>{text}")
    return import_table(folder / "a.txt", "fairsumm")


@pytest.mark.parametrize("loop", LOOPS)
def test_long_texts_of_each_kind(loop, tmp_path):
    for kind, text in KINDS.items():
        started = time.process_time()
        try:
            LOOPS[loop](text, tmp_path)
        except (FairpruneError, ValueError) as error:
            assert len(str(error)) < 1500, kind
        assert time.process_time() - started < SECONDS, kind
