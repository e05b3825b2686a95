"""The one kind of error that a user is meant to read."""

import difflib
from collections.abc import Iterable


class FairpruneError(Exception):
    """A mistake in what was given: one line that says what, where and what to do."""


def unknown(kind: str, name: str, known: Iterable[str], where: str = "") -> FairpruneError:
    """An error for an unknown name: the nearest known one, then the whole list.

    Args:
        kind: what is named, in the singular ("method", "configuration key").
        name: the unknown name.
        known: every name that is known.
        where: where it stands, put after the name (" in config.yaml, grid.methods").
    """
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return FairpruneError(f"unknown {kind} {name!r}{where}{hint} Known: {', '.join(known)}")
