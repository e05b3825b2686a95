"""What a fair writer of the same length and manner would get: chance."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

import numpy as np

from fairprune.fairness.attributed import Writing
from fairprune.io.hashing import derive_seed

DRAWS = 200
SHUFFLES = 10
MOST_PLACES = 1000  # of one unit in the input, where a run may begin
END = object()  # of an opinion: no unit is equal to it


def fair_shares(writing: Writing, name: str, draws: int = DRAWS) -> np.ndarray:
    """What fair writers of the summary's length and manner give to the groups, draws × K.

    A fair writer takes pieces of the input at random without replacement, as many as the summary
    consists of (`pieces`); an opinion is cut into pieces about as long as the summary's. One that
    writes as much as there is, or more, takes the whole input.

    Args:
        writing: input and summary in the units that the instrument counts; K groups.
        name: of the input: the draws depend on it, and on nothing else.

    Returns:
        Shares, rows summing to 1.
    """
    units = [np.array([writing.gives[u] for u in of]) for of in writing.source if of]
    whole = sum(part.sum(axis=0) for part in units)
    generator = np.random.default_rng(derive_seed(0, "chance", name))
    number = pieces(writing.written, writing.source, generator)
    length = len(writing.written) / number
    cut = [part for opinion in units for part in _cut(opinion, length)]
    if number >= len(cut) or len(writing.written) >= sum(map(len, units)):
        return np.tile(whole / whole.sum(), (draws, 1))
    order = generator.random((draws, len(cut)))
    taken = np.argpartition(order, number - 1, axis=1)[:, :number]
    given = np.array(cut)[taken].sum(axis=1)
    return given / given.sum(axis=1, keepdims=True)


def pieces(
    written: Sequence[Hashable],
    source: Sequence[Sequence[Hashable]],
    generator: np.random.Generator,
) -> int:
    """How many pieces of its input a summary consists of: 1 to the number of its units.

    A piece is a run of units that stand together in one opinion (`runs`), or a single unit. Words
    stand together by coincidence, too: of each length, as many runs as the summary's units have in
    a random order (mean of `SHUFFLES`) are taken for coincidences and count as single units, as far
    as longer runs leave units for them.
    """
    coincidences: Counter[int] = Counter()
    for _ in range(SHUFFLES):
        order = generator.permutation(len(written))
        kept = np.flatnonzero(np.diff(order) == 1) + 1  # neighbours as before: no coincidence
        mixed = np.insert(order, kept, -1).tolist()
        coincidences.update(runs([None if n < 0 else written[n] for n in mixed], source))
    found = Counter(runs(written, source))
    single, meant = float(len(written)), 0.0
    for length in sorted(found, reverse=True):
        if length > 1:
            expected = coincidences[length] / SHUFFLES * single / len(written)
            more = max(0.0, found[length] - expected)
            meant, single = meant + more, single - length * more
    return max(1, round(meant + single))


def runs(written: Sequence[Hashable], source: Sequence[Sequence[Hashable]]) -> list[int]:
    """The lengths of the runs that the units of a summary fall into, in order.

    From left to right each run is as long as it can be and still stand, just so, in one opinion.
    """
    flat: list[Hashable] = []
    places: dict[Hashable, list[int]] = defaultdict(list)
    for opinion in source:
        for unit in opinion:
            places[unit].append(len(flat))
            flat.append(unit)
        flat.append(END)
    found, start = [], 0
    while start < len(written):
        length, at = 1, places.get(written[start], [])[:MOST_PLACES]
        while start + length < len(written):
            following = written[start + length]
            at = [place for place in at if flat[place + length] == following]
            if not at:
                break
            length += 1
        found.append(length)
        start += length
    return found


def _cut(opinion: np.ndarray, length: float) -> list[np.ndarray]:
    """What the pieces of an opinion give (K numbers each), cut about as long as `length`."""
    parts = max(1, round(len(opinion) / length))
    return [part.sum(axis=0) for part in np.array_split(opinion, parts)]
