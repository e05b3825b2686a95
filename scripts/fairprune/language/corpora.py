"""A corpus: one long text, from a plain file or from the `text` of rows."""

from collections.abc import Collection, Sequence
from pathlib import Path

from fairprune.data.texts import holds_rows, read_texts, read_whole
from fairprune.errors import FairpruneError, unknown

JOIN = "\n\n"


def parse_corpus(given: str) -> tuple[str, Path]:
    """Take `NAME=FILE` apart.

    Raises:
        FairpruneError: another form, or no such file.
    """
    name, sign, file = given.partition("=")
    if not (sign and name.strip() and file):
        raise FairpruneError(f"--corpus {given!r}: write NAME=FILE, as in wikitext2=test.txt")
    if not Path(file).is_file():
        raise FairpruneError(f"--corpus {name}: {file} does not exist: give an existing file")
    return name.strip(), Path(file)


def parse_limits(given: Sequence[str], names: Collection[str]) -> dict[str, int]:
    """Take `NAME=N` apart, NAME one of `names`.

    Raises:
        FairpruneError: another form, an unknown name, or fewer than one document.
    """
    found = {}
    for text in given:
        name, _, number = text.partition("=")
        if not number.isdecimal() or int(number) < 1:
            raise FairpruneError(f"--limit {text!r}: write NAME=N, as in c4=1100")
        if name not in names:
            raise unknown("corpus", name, names, " in --limit")
        found[name] = int(number)
    return found


def read_corpus(path: Path, limit: int | None = None) -> str:
    """The text of a corpus.

    Rows (see `data.texts.read_texts`): the column `text`, joined with an empty line, as
    perplexities are published. Every other file is taken as it is, in UTF-8.

    Args:
        path: the file.
        limit: at most so many documents; of a plain file that is paragraphs.

    Raises:
        FairpruneError: no column `text`, not UTF-8, or nothing in it.
    """
    if limit is not None or holds_rows(path):
        text = JOIN.join(read_texts(path, limit))
    else:
        text = read_whole(path)
    if not text.strip():
        raise FairpruneError(f"{path} holds no text: give another --corpus")
    return text
