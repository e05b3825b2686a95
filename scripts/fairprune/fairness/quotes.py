"""The sentences of a summary, which ends a quoted opinion where that ends."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence

from fairprune.present import present
from fairprune.text.languages import ENGLISH
from fairprune.text.sentences import ends, sentences
from fairprune.text.words import HOLDS_LETTER


def cut(summary: str, opinions: Sequence[str], language: str = ENGLISH) -> tuple[str, ...]:
    """The sentences of a summary of these opinions, in order, without those that hold no word.

    People write without full stops, so that opinions quoted one after the other run together. A
    whole opinion that stands word for word at the beginning of a sentence is cut out, as it would
    be cut itself, where its end is also the end of the summary or of a sentence, or where another
    whole opinion or a sign without a letter follows. So a summary that copies its whole input has
    the sentences of the input, however it joins the opinions.
    """
    return tuple(_cut(_Quoting(summary, opinions, language), language))


def _cut(text: "_Quoting", language: str) -> Iterator[str]:
    place = 0
    while place < len(text.folded):
        sign = text.sign(place)
        if (end := text.quote_end(place)) is not None:
            yield from sentences(text.original(place, end), language)
        elif sign:
            end = place + len(sign)
        else:
            end = text.sentence_end(place)
            if HOLDS_LETTER.search(part := text.original(place, end)):
                yield part
        place = text.after_space(end)


class _Quoting:
    """A summary with its letters folded and its white space made single, beside its opinions."""

    def __init__(self, summary: str, opinions: Sequence[str], language: str) -> None:
        self.summary = summary
        self.folded, self.origin = _folded(summary)
        found = {bisect_left(self.origin, end) for end in ends(summary, language)}
        self.stops = sorted(found | {len(self.folded)})
        self.by_length: dict[int, set[str]] = defaultdict(set)
        for opinion in opinions:
            text = _folded(opinion)[0]
            self.by_length[len(text)].add(text)
        self.by_length.pop(0, None)

    def original(self, start: int, end: int) -> str:
        """What stands in the summary from `start` up to `end`, white space around it left out."""
        return self.summary[self.origin[start] : self.origin[end - 1] + 1].strip()

    def after_space(self, place: int) -> int:
        """The place, or the one after it where a space stands there."""
        return place + self.folded.startswith(" ", place)

    def sign(self, place: int) -> str:
        """The word at a place if it holds no letter or digit; else nothing."""
        word = present(re.compile(r"\S*").match(self.folded, place))[0]
        return "" if HOLDS_LETTER.search(word) else word

    def sentence_end(self, place: int) -> int:
        """The first end of a sentence after a place."""
        return self.stops[bisect_left(self.stops, place + 1)]

    def quote_end(self, place: int) -> int | None:
        """Where the longest whole opinion that begins here ends, if that is an end at all."""
        return max(filter(self._is_end, self._quotes(place)), default=None)

    def _quotes(self, place: int) -> list[int]:
        """The ends of all opinions that begin here."""
        return [
            place + length
            for length, texts in self.by_length.items()
            if self.folded[place : place + length] in texts
        ]

    def _is_end(self, end: int) -> bool:
        following = self.after_space(end)
        if following == len(self.folded) or self._quotes(following):
            return True
        ended = self.stops[bisect_left(self.stops, following)] == following
        return ended or (following > end and bool(self.sign(following)))


def _folded(text: str) -> tuple[str, list[int]]:
    """The text in small letters, white space as one space; of each letter its place in the text."""
    folded: list[str] = []
    origin: list[int] = []
    for word in re.finditer(r"\S+", text):
        if folded:
            folded.append(" ")
            origin.append(word.start() - 1)
        for place, letter in enumerate(word[0], word.start()):
            small = letter.lower()
            folded.append(small if len(small) == 1 else letter)
            origin.append(place)
    return "".join(folded), origin
