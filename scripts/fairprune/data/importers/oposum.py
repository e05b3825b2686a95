"""OpoSum (Angelidis & Lapata, EMNLP 2018): Amazon reviews in blocks of lines."""

import re
from pathlib import Path

from fairprune.data.importers import importer
from fairprune.errors import FairpruneError, shortened
from fairprune.io.table_files import Reading, Row, Table, read_text

_HEAD = re.compile(r"(\d) (\S+)")
_LABELLED = re.compile(r"[+0-]\t")
_PRODUCT = re.compile(r"(\w+)-\d+")
_SEGMENTS = " EDU_BREAK "
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]"}
POINTER = "version https://git-lfs"


@importer("oposum", labels={"neg": [0, 1], "neu": [2], "pos": [3, 4]})
def oposum(path: Path, reading: Reading) -> Table:
    """One opinion a review: `text`, and its rating as `label`; `product` serves `group_by`.

    A block begins with a line `RATING PRODUCT-NUMBER`, its other lines are sentences (`*.trn`, cut
    into segments by `EDU_BREAK`) or segments, each behind `+`, `0` or `-` and a tab (`*.lbl`); an
    empty line ends it. Ratings are 0 to 4, one less than the stars: 3 and 4 are `pos`, 2 `neu`, 0
    and 1 `neg` where no other rule is given. Texts stay tokenised as they are; brackets are
    brackets again.

    Raises:
        FairpruneError: a block (its line is named) of another form, or the pointer of Git LFS in
            place of the file.
    """
    text, notes = read_text(path, reading.encoding)
    if text.startswith(POINTER):
        raise FairpruneError(f"{path} is a pointer of Git LFS, not the file: run git lfs pull")
    rows: list[Row] = []
    block: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip():
            block.append(line)
        elif block:
            rows.append(_row(block, f"{path}, line {number - len(block)}"))
            block = []
    return Table(path, rows, list(range(1, len(rows) + 1)), notes)


def _row(block: list[str], where: str) -> Row:
    head = _HEAD.fullmatch(block[0].strip())
    if head is None or len(block) < 2:
        raise FairpruneError(
            f"{where}: a line RATING PRODUCT-NUMBER and a review's lines are expected, found "
            f"{shortened(block[0], 40)!r}"
        )
    lines = block[1:]
    if all(map(_LABELLED.match, lines)):
        lines = [line[2:] for line in lines]
    text = " ".join(line.strip() for line in lines).replace(_SEGMENTS, " ")
    for token, bracket in _BRACKETS.items():
        text = text.replace(token, bracket)
    product = _PRODUCT.fullmatch(head[2])
    row: Row = {"text": text, "label": head[1], "review": head[2]}
    return row | ({"product": product[1]} if product else {})
