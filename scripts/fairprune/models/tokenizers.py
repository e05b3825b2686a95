"""Tokenizers of model folders, tried out in a process of their own before they are trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fairprune.errors import FairpruneError, shortened
from fairprune.io.apart import apart
from fairprune.io.known import known_sha256, once
from fairprune.io.versions import versions

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

FILES = (
    *("tokenizer*", "special_tokens_map.json", "added_tokens.json", "vocab.*", "merges.txt"),
    *("*.model", "*.tiktoken", "chat_template*"),
)
SAMPLE = "One two, 3: \u00e4\u4e2d \U0001f600\n\tand so on."
DECODED = 2000


def check_tokenizer(folder: Path) -> None:
    """See that a tokenizer loads, reads and writes a little text; once for the same files.

    Raises:
        FairpruneError: see `read_tokenizer`; or it crashes, or does not come to an end.
    """
    found = sorted({file for pattern in (*FILES, "config.json") for file in folder.glob(pattern)})
    files = {file.name: known_sha256(file) for file in found if file.is_file()}
    about = [files, {k: v for k, v in versions().items() if k in ("tokenizers", "transformers")}]
    once(about, lambda: apart(lambda: _try(folder), f"the tokenizer in {folder}"))


def read_tokenizer(folder: Path, gguf: str | None = None) -> PreTrainedTokenizerBase:
    """The tokenizer of a folder, or of a GGUF file in it, untried.

    Raises:
        FairpruneError: none there, or it cannot be read.
    """
    from transformers import AutoTokenizer

    inside = {"gguf_file": gguf} if gguf else {}
    try:
        return AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, **inside
        )
    except Exception as error:  # transformers raises many kinds
        raise FairpruneError(
            f"{folder} has no tokenizer that can be used: {shortened(error, 300)}; "
            "put its tokenizer files beside config.json"
        ) from None


def _try(folder: Path) -> None:
    tokenizer = read_tokenizer(folder)
    tokenizer(SAMPLE, verbose=False)
    tokenizer.decode(list(range(min(len(tokenizer), DECODED))))
