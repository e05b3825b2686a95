"""What tells a model from others: the digests of its tokenizer and its weights."""

import json
from pathlib import Path

from fairprune.io.hashing import sha256_data
from fairprune.io.known import known_sha256
from fairprune.models.weights import weight_files

VOCABULARIES = ("tokenizer.model", "spiece.model", "vocab.json", "vocab.txt", "merges.txt")


def tokenizer_digest(model: Path) -> str | None:
    """Digest of what turns text into token ids; None for a folder without a tokenizer.

    Of `tokenizer.json` the vocabulary with its merges, and the added tokens: what else stands
    there changes with the version of the library that saved it.
    """
    file = Path(model) / "tokenizer.json"
    if file.is_file():
        content = json.loads(file.read_text(encoding="utf-8"))
        return sha256_data([content.get("model"), content.get("added_tokens")])
    found = [file for name in VOCABULARIES if (file := Path(model) / name).is_file()]
    return sha256_data({file.name: known_sha256(file) for file in found}) if found else None


def weights_digest(model: Path) -> str:
    """Digest of a model's weights, wherever its folder lies and whatever else is in it."""
    return sha256_data({file.name: known_sha256(file) for file in weight_files(model)})
