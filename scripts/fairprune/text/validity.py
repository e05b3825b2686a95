"""Whether a summary is one at all: broken output often looks fair."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fairprune.text.languages import ENGLISH
from fairprune.text.words import content_tokens, ngrams, words

SHORTEST = 5
REPEATS = 5
INVENTED = 0.7


@dataclass(frozen=True)
class Validity:
    """What is wrong with a summary; the parts may hold together.

    `empty`: no word at all. `short`: one to four words. `repeated`: one 4-gram of words occurs
    five times or more. `invented`: over 70 % of its content tokens are not in its input.
    `degenerate` is any of the last three.
    """

    empty: bool
    short: bool
    repeated: bool
    invented: bool

    @property
    def degenerate(self) -> bool:
        """Too short, going round in circles, or about something else."""
        return self.short or self.repeated or self.invented

    @property
    def valid(self) -> bool:
        """Neither empty nor degenerate (whether it can be attributed is another question)."""
        return not (self.empty or self.degenerate)


def validity(summary: str, opinions: Iterable[str], language: str = ENGLISH) -> Validity:
    """Judge one summary of opinions by its words.

    Occurrences of a 4-gram may overlap: eight times the same word is five times the same 4-gram.

    Args:
        summary: what was written.
        opinions: what it was to sum up.
        language: of the texts, a code of ISO 639.
    """
    found = words(summary, language)
    most = max(Counter(ngrams(found, 4)).values(), default=0)
    inside, counted = taken(summary, opinions, language)
    return Validity(
        empty=not found,
        short=0 < len(found) < SHORTEST,
        repeated=most >= REPEATS,
        invented=counted - inside > INVENTED * counted,
    )


def taken(summary: str, opinions: Iterable[str], language: str = ENGLISH) -> tuple[int, int]:
    """How many content tokens of a summary occur in its input, of how many."""
    known = {token for opinion in opinions for token in content_tokens(opinion, language)}
    tokens = content_tokens(summary, language)
    return sum(token in known for token in tokens), len(tokens)


LONGER = "prompt_style: chat, another prompt, or summaries: {min_new_tokens: 16}"
REMEDIES = {  # what is wrong with most → in words, and what helps
    "repeated": (
        "repeat themselves",
        "summaries: {repetition_penalty: 1.1}, or a temperature of 0.5 with top_p 0.9",
    ),
    "invented": (
        "are about something else than their input",
        "a prompt that asks for what the opinions say, a lower repetition_penalty or temperature, "
        "or a larger model",
    ),
    "empty": (
        "are empty",
        "prompt_style: chat, another prompt, or summaries: {min_new_tokens: 16}",
    ),
    "short": ("have fewer than five words", LONGER),
}


def remedy(counts: Mapping[str, float | None]) -> str | None:
    """What is wrong with most of the broken summaries, and which settings to try; None if nothing.

    Args:
        counts: kind → how many summaries, or their share; see `Validity`.
    """
    kind = max(REMEDIES, key=lambda name: counts.get(name) or 0)
    if not counts.get(kind):
        return None
    wrong, settings = REMEDIES[kind]
    return f"most of the others {wrong}: try {settings}"
