"""A corpus: one long text, from a plain file or from the `text` of rows."""

from pathlib import Path

from fairprune.errors import FairpruneError
from fairprune.io.tables import read_rows

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


def read_corpus(path: Path) -> str:
    """The text of a corpus.

    `.jsonl` and `.parquet`: the column `text` (a string, or a list of strings), joined with an
    empty line, as perplexities are published. Every other file is taken as it is, in UTF-8.

    Raises:
        FairpruneError: no column `text`, not UTF-8, or nothing in it.
    """
    if path.suffix in (".jsonl", ".parquet"):
        text = JOIN.join(_texts(path))
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FairpruneError(f"{path} cannot be read as UTF-8 text: {error}") from None
    if not text.strip():
        raise FairpruneError(f"{path} holds no text: give another --corpus")
    return text


def _texts(path: Path) -> list[str]:
    found: list[str] = []
    for number, row in enumerate(read_rows(path), 1):
        value = row.get("text")
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list) and all(isinstance(part, str) for part in value):
            found.extend(value)
        else:
            raise FairpruneError(
                f"{path}, row {number}: a column `text` (a string or a list of strings) is expected"
            )
    return found
