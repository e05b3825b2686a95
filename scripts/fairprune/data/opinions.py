"""One input of a task: labelled opinions, with their mix and reference summaries."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Opinions:
    """One input: `labels[i]` is the group of `opinions[i]`; `references` may be empty."""

    id: str
    opinions: list[str]
    labels: list[str]
    mix: str
    references: list[str]
