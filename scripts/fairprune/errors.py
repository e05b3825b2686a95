"""The one kind of error that a user is meant to read."""

import difflib
from collections.abc import Iterable


class FairpruneError(Exception):
    """A mistake in what was given: one line that says what, where and what to do."""


class UnsaidError(FairpruneError):
    """What a file can be read by is not clear from it: `option` says what the user has to say."""

    def __init__(self, option: str, message: str) -> None:
        """An error that names `--OPTION`, and the key OPTION of a configuration."""
        super().__init__(f"{message} (--{option}; {option}: in a configuration)")
        self.option = option


LONGEST = 600  # letters of a list of names


def unknown(kind: str, name: str, known: Iterable[str], where: str = "") -> FairpruneError:
    """An error for an unknown name: the nearest known one, then the list, if it is no long one.

    Args:
        kind: what is named, in the singular ("method", "configuration key").
        name: the unknown name.
        known: every name that is known.
        where: where it stands, put after the name (" in config.yaml, grid.methods").
    """
    known, shown = sorted(map(shortened, known)), shortened(name)
    near = difflib.get_close_matches(shown, known, n=5, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    listed = ", ".join(known)
    if len(listed) > LONGEST:
        listed = f"{', '.join(near or known[:5])} and others, {len(known)} in all"
    return FairpruneError(f"unknown {kind} {shown!r}{where}{hint} Known: {listed}")


def shortened(text: object, most: int = 80) -> str:
    """A text of the user's or a library's as it stands in an error: one line, so many letters."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
