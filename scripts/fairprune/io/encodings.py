"""The text of a file whose encoding nobody has said: found where it can be, else asked for."""

import codecs
import re
from pathlib import Path

from fairprune.errors import FairpruneError, UnsaidError, shortened

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What UTF-8 makes of letters with accents and of quotes, and no Western text in Windows-1252 does.
_SEVERAL = re.compile(rb"[\xc2-\xc5][\x80-\xbf]|\xe2[\x80-\xbf]{2}")
# What no Western word holds, but what is read so of another encoding.
_ODD = re.compile(
    "[^\\W\\d_][³¹¿¤½¼¾¶¦‚„ˆ†‡][^\\W\\d_]|¤|(?<![^\\W\\d_])[^\\W\\d_A-Za-z]{3,}(?![^\\W\\d_])"
)
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")  # zip, gzip, old Office
MOST_FOREIGN = 0.25  # of the letters: more than accents make is another alphabet
NULS = 0.3  # of every second byte: as in UTF-16 of what is mostly ASCII


def decode(data: bytes, path: Path, encoding: str | None = None) -> tuple[str, str | None]:
    """A file's text, and in words how it was read where that is not UTF-8.

    A byte order mark decides; then UTF-8 where all of it is; UTF-16 by its NULs; and Windows-1252
    where that gives the accents of a Western language. Anything else is asked for.

    Args:
        data: the file's bytes.
        path: its name, for messages.
        encoding: what the user says it is; a byte order mark is taken off all the same.

    Raises:
        FairpruneError: an encoding that does not exist or does not fit, or none that is found.
    """
    if encoding is not None:
        return _as_said(data, path, encoding), None
    if data.startswith(_PACKED):
        raise FairpruneError(f"{path}: a packed file or a spreadsheet: give it its own ending")
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _as_said(data, path, name), None if name == "utf-8-sig" else f"read as {name}"
    for name, offset in (("utf-16-le", 1), ("utf-16-be", 0)):
        every_second = data[offset:4096:2]
        if every_second.count(0) > NULS * len(every_second):
            return _as_said(data, path, name), f"read as {name}"
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        first = error
    where = _line(path, data, first.start)
    if _SEVERAL.search(data):
        raise UnsaidError(
            "encoding", f"{where}: not UTF-8, though other lines are: mend it, or say its encoding"
        )
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    letters = [letter for letter in text if letter.isalpha()]
    foreign = sum(letter > "\x7f" for letter in letters)
    if not text or foreign > MOST_FOREIGN * len(letters) or _ODD.search(text):
        raise UnsaidError(
            "encoding",
            f"{where}: not UTF-8: say its encoding, such as cp1252, cp1250, cp1251 or shift_jis",
        )
    word = next(re.finditer(r"\w*[^\x00-\x7f]\w*", text))  # there is one: it was not UTF-8
    return text, f"read as Windows-1252 (which gives {shortened(word[0], 30)!r}, say)"


def _as_said(data: bytes, path: Path, encoding: str) -> str:
    name = {"utf8": "utf-8-sig", "utf-8": "utf-8-sig"}.get(encoding.lower(), encoding)
    try:
        if not isinstance(text := codecs.decode(data, name), str):
            raise LookupError
    except UnicodeError as error:
        where = _line(path, data, getattr(error, "start", 0))
        raise FairpruneError(f"{where}: not {encoding}") from None
    except (LookupError, TypeError, ValueError):
        raise FairpruneError(
            f"{path}: encoding {shortened(encoding)!r} is not known; utf-8, utf-16, cp1252 and "
            "those of Python are"
        ) from None
    return text.removeprefix("\ufeff")


def _line(path: Path, data: bytes, place: int) -> str:
    number = data.count(b"\n", 0, place) + 1
    return f"{path}, line {number}"
