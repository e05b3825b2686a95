"""Windows cut from texts that are drawn pass by pass: opinions under a prompt, or plain text."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from fairprune.data.prompts import Prompt, between, render
from fairprune.data.selections import Selection
from fairprune.data.styles import Style
from fairprune.data.windows import Windows, joined_windows, longer_windows
from fairprune.io.apart import apart
from fairprune.io.hashing import derive_seed

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

LETTERS_A_TOKEN = 10  # and not more, on average


def drawn_windows(
    selection: Selection,
    prompt: Prompt | None,
    tokenizer: PreTrainedTokenizerBase,
    style: Style,
    *,
    kind: str,
    samples: int,
    length: int,
    root: int,
) -> Windows:
    """N windows of T tokens from the texts of a selection.

    Args:
        selection: draws the texts of a pass; see `selections.py`.
        prompt: what they stand under, if anything.
        tokenizer: the model's.
        style: how prompts are put to it.
        kind: joined, or longer; see `windows.py`.
        samples: N.
        length: T.
        root: seed.

    Raises:
        FairpruneError: see `windows.py` and `render`; or the tokenizer or chat template does not
            come to an end.
    """

    def draw(number: int) -> Iterator[list[int]]:
        rng = random.Random(derive_seed(root, number))
        drawn = [list(opinions) for opinions in selection(rng)]
        rng.shuffle(drawn)
        for opinions in drawn:
            if number:
                rng.shuffle(opinions)
            yield render(prompt, opinions, tokenizer, style)

    def cut() -> dict[str, Any]:
        if kind == "joined":
            return asdict(joined_windows(draw, samples, length, between(tokenizer)))
        rng = random.Random(derive_seed(root, "places"))
        return asdict(longer_windows(list(draw(0)), samples, length, rng))

    letters = sum(len(text) for drawn in selection(random.Random(0)) for text in drawn)
    what = f"the tokenizer or chat template in {tokenizer.name_or_path}"
    return Windows(**apart(cut, what, letters + LETTERS_A_TOKEN * samples * length))
