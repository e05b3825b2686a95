"""Whether two models give the same token ids for the same texts, and what differs if not."""

import json
from pathlib import Path
from typing import Any

from fairprune.errors import FairpruneError, shortened
from fairprune.io.apart import apart
from fairprune.models.gguf import allowance
from fairprune.models.tokenizers import SAMPLE, read_tokenizer

TEXTS = (
    SAMPLE,
    "The screen is great || I'd have paid $1,299.50 for it!! \u201cNever again\u201d, he said.",
    "  leading spaces,\r\n\r\n\ttabs and trailing ones   ",
    "Stra\u00dfe, na\u00efve caf\u00e9, \u017b\u00f3\u0142\u0107; "
    "\u041d\u0435 \u0431\u044b\u043b\u043e \u0432\u0440\u0435\u043c\u0435\u043d\u0438.",
    "\u4ed6\u4eec\u7684\u670d\u52a1\u5f88\u597d\u3002 \u304a\u3044\u3057\u3044\uff01 "
    "\u0643\u062a\u0627\u0628 \u0928\u092e\u0938\u094d\u0924\u0947 \U0001f469\u200d\U0001f4bb",
    "for (i = 0; i < 10; ++i) { x[i] *= 0.5e-3; }  # https://example.org/a?b=c&d",
)


def check_same_tokens(dense: Path, other: Path, gguf: str | None = None) -> None:
    """See that a compressed model has the tokens of the model that it was made from.

    Every token of the model must have the same id there; then texts in several languages are
    encoded by both. What is read from a GGUF file may cut texts before their tokens are looked up
    otherwise than the model does, which the file does not say in full: there the same merges will
    do.

    Args:
        dense: the model's folder.
        other: the compressed model's.
        gguf: its GGUF file, if it is one.

    Raises:
        FairpruneError: it says what differs; a tokenizer that cannot be read, or does not end.
    """
    what = f"the tokenizer in {other / gguf if gguf else other}"
    more = allowance(other / gguf) if gguf else {}
    if said := apart(lambda: _difference(dense, other, gguf), what, **more):
        raise FairpruneError(
            f"{what} gives other token ids than that of {dense}: {said}; what the two models write "
            "cannot be compared"
        )


def _difference(dense: Path, other: Path, gguf: str | None) -> str | None:
    ours, theirs = read_tokenizer(dense), read_tokenizer(other, gguf)
    known, found = ours.get_vocab(), theirs.get_vocab()
    if differing := sorted((n, token) for token, n in known.items() if found.get(token) != n):
        number, token = differing[0]
        there = f"{found[token]} there" if token in found else "unknown there"
        return (
            f"of {len(known)} tokens {len(differing)}, such as {shortened(repr(token))}, {number} "
            f"here and {there}"
        )
    if gguf and (merges := _merges(ours)) and merges == _merges(theirs):
        return None
    for text in (*TEXTS, " ".join(ours.all_special_tokens)):
        one, two = ours(text, verbose=False)["input_ids"], theirs(text, verbose=False)["input_ids"]
        if one != two:
            return f"{shortened(repr(text))} is {_shown(one)} here and {_shown(two)} there"
    return None


def _merges(tokenizer: Any) -> list[Any] | None:
    """The pairs of tokens that are put together, in their order, where the tokenizer has such."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    model = json.loads(backend.to_str())["model"] if backend is not None else {}
    return model.get("merges")


def _shown(ids: list[int]) -> str:
    return shortened(str(ids), 60)
