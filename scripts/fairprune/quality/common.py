"""What two sequences have in common, in time that grows with their length and not its square."""

from collections.abc import Hashable, Sequence


class Runs:
    """Every run of neighbours of a sequence: its suffix automaton (Blumer et al. 1985)."""

    def __init__(self, sequence: Sequence[Hashable]) -> None:
        """Of `sequence`, in time and memory linear in its length."""
        self._next: list[dict[Hashable, int]] = [{}]
        self._link, self._length, self._last = [-1], [0], 0
        for item in sequence:
            self._add(item)

    def _add(self, item: Hashable) -> None:
        new = self._state({}, self._length[self._last] + 1, 0)
        state, self._last = self._last, new
        while state >= 0 and item not in self._next[state]:
            self._next[state][item] = new
            state = self._link[state]
        if state < 0:
            return
        old = self._next[state][item]
        if self._length[old] != self._length[state] + 1:
            copy = self._state(dict(self._next[old]), self._length[state] + 1, self._link[old])
            self._link[old] = copy
            while state >= 0 and self._next[state].get(item) == old:
                self._next[state][item] = copy
                state = self._link[state]
            old = copy
        self._link[new] = old

    def _state(self, following: dict[Hashable, int], length: int, link: int) -> int:
        self._next.append(following)
        self._length.append(length)
        self._link.append(link)
        return len(self._next) - 1

    def longest_in(self, other: Sequence[Hashable]) -> int:
        """The length of the longest of them that stands in another sequence, too."""
        best = state = run = 0
        for item in other:
            while state and item not in self._next[state]:
                state = self._link[state]
                run = self._length[state]
            state = self._next[state].get(item, 0)
            run = run + 1 if state else 0
            best = max(best, run)
        return best


def common_subsequence(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """The length of the longest subsequence that two sequences share.

    A row of the usual table is one large number of bits (Hyyrö 2004, "Bit-parallel LCS-length
    computation revisited").
    """
    places: dict[Hashable, int] = {}
    for place, item in enumerate(first):
        places[item] = places.get(item, 0) | 1 << place
    everywhere = (1 << len(first)) - 1
    row = everywhere
    for item in second:
        matched = row & places.get(item, 0)
        row = ((row + matched) | (row - matched)) & everywhere
    return len(first) - row.bit_count()
