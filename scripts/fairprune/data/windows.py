"""Windows of exactly T tokens, cut from texts."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fairprune.errors import FairpruneError


@dataclass(frozen=True)
class Windows:
    """N windows of T token ids, and how they came about (figures for the card)."""

    ids: list[list[int]]
    figures: dict[str, int | float]


def joined_windows(
    texts: Callable[[int], Iterable[Sequence[int]]],
    samples: int,
    length: int,
    between: Sequence[int] = (),
) -> Windows:
    """N windows cut one after the other from texts that are joined end to end.

    Where the texts of one pass do not suffice, another pass goes on where it ended, so every
    window is full and nothing is thrown away but the end of the last text. Each pass must give
    at least one token; that is checked, so this always ends.

    Args:
        texts: pass number → its texts, as token ids. Only as many are read as are needed.
        samples: N.
        length: T.
        between: token ids put between two texts inside a window.

    Raises:
        FairpruneError: a pass without a token.
    """
    found: list[list[int]] = []
    stream: list[int] = []
    starts = 0  # texts that begin inside the window being filled, its first token apart
    passes = used = joined = 0
    while len(found) < samples:
        before = used
        for ids in texts(passes):
            used += bool(ids)
            if stream and ids:
                stream.extend(between)
                starts += 1
            stream.extend(ids)
            while len(stream) >= length and len(found) < samples:
                found.append(stream[:length])
                joined += starts > 0
                stream, starts = stream[length:], 0
            if len(found) == samples:
                break
        passes += 1
        if used == before:
            raise FairpruneError("the texts hold no tokens: give texts that are not empty")
    return Windows(found, {"texts_used": used, "passes": passes, "joined_windows": joined})


def longer_windows(
    texts: Sequence[Sequence[int]], samples: int, length: int, rng: random.Random
) -> Windows:
    """N windows at random places of random texts that are longer than T (with replacement).

    The way of the HGLA repository, which looks for such a text without end.

    Raises:
        FairpruneError: no text is longer than T.
    """
    long = [ids for ids in texts if len(ids) > length]
    if not long:
        longest = max(map(len, texts), default=0)
        raise FairpruneError(
            f"none of the {len(texts)} texts is longer than a window of {length} tokens (the "
            f"longest has {longest}): shorten --length, or take --windows joined"
        )
    found = []
    for _ in range(samples):
        ids = rng.choice(long)
        start = rng.randrange(len(ids) - length)
        found.append(list(ids[start : start + length]))
    return Windows(found, {"texts_used": len(long), "passes": 1, "joined_windows": 0})
