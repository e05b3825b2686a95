"""Texts of others in Markdown: shown as they are, and nothing else."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
START = re.compile(r"^([#=+-])|^(\d+)([.)])")
LINKS = {
    "://": "&#58;//",
    "www.": "www&#46;",
    "@": "&#64;",
}  # GitHub's Markdown makes links of them


def plain(text: object) -> str:
    """A text in one line, in which nothing is markup, HTML or a link."""
    line = SPECIAL.sub(r"\\\1", _one_line(text).replace("&", "&amp;"))
    line = line.replace("<", "&lt;").replace(">", "&gt;")
    for found, written in LINKS.items():
        line = line.replace(found, written)
    return START.sub(lambda m: f"\\{m[1]}" if m[1] else f"{m[2]}\\{m[3]}", line)


def code(text: object) -> str:
    """A text in one line as code."""
    line = _one_line(text)
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{room}{line}{room}{fence}".replace("|", r"\|")


def block(language: str, lines: Iterable[str]) -> list[str]:
    """Lines as a block of code."""
    text = [_one_line(line, keep=" ") for line in lines]
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", "\n".join(text))), 3)
    return [f"{fence}{language}", *text, fence, ""]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table of cells that are Markdown already; nothing where there are no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    head = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return [*head, *lines, ""] if lines else []


def _one_line(text: object, keep: str = "") -> str:
    """Without characters that steer (line ends, directions); runs of spaces as one, or kept."""
    kinds = ((character, unicodedata.category(character)) for character in str(text))
    shown = "".join(" " if kind[0] in "CZ" else character for character, kind in kinds)
    return shown.rstrip() if keep else " ".join(shown.split())
