"""Hugging Face models that judge text: loaded from a folder or the hub, fed in batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fairprune.errors import FairpruneError
from fairprune.io.cards import digest_of
from fairprune.models.loading import resolve_device
from fairprune.pruning.options import Option

BATCH = 32
SAID_NOTHING = 10**6  # what tokenizers without a length say is larger
OPTIONS = {
    "model": Option("", "folder, or hub id with a revision, of a Hugging Face model"),
    "revision": Option("", "the hub model's commit"),
}


@dataclass(frozen=True)
class Judge:
    """A tokenizer and its model, in evaluation mode, and where they came from."""

    tokenizer: Any
    model: Any
    device: Any
    figures: dict[str, Any]

    @property
    def longest(self) -> int:
        """The longest input, in tokens with special ones; longer texts are cut at their end."""
        if self.tokenizer.model_max_length < SAID_NOTHING:
            return self.tokenizer.model_max_length
        return getattr(self.model.config, "max_position_embeddings", 514) - 2

    def encoded(self, *texts: Sequence[str], special: bool = False) -> Any:
        """Texts, or pairs of texts, as one padded batch on the model's device.

        With `special` it also says which tokens are the tokenizer's own (padding among them).
        """
        return self.tokenizer(
            *map(list, texts),
            padding=True,
            truncation=True,
            max_length=self.longest,
            return_tensors="pt",
            return_special_tokens_mask=special,
        ).to(self.device)


def load_judge(kind: str, name: str, revision: str, device: str) -> Judge:
    """A model of a transformers auto class (`AutoModel`), in float32, from safetensors only.

    Args:
        name: a local folder, or a hub id.
        revision: the hub model's commit, so that the same configuration is the same model.

    Raises:
        FairpruneError: a hub id without a revision, or a model that cannot be loaded.
    """
    import torch
    import transformers

    local = Path(name).is_dir()
    if not local and not revision:
        raise FairpruneError(
            f"model {name!r} is no folder here; of a model of the hub the revision is needed too "
            "(option revision, a commit)"
        )
    source: dict[str, Any] = {"local_files_only": True} if local else {"revision": revision}
    source["trust_remote_code"] = False
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, **source)
        model = getattr(transformers, kind).from_pretrained(
            name, use_safetensors=True, dtype=torch.float32, **source
        )
    except Exception as error:  # transformers raises many kinds
        what = " ".join(str(error).split())[:300]
        raise FairpruneError(f"model {name!r} cannot be loaded as {kind}: {what}") from None
    if tokenizer.pad_token is None:
        raise FairpruneError(f"model {name!r}: its tokenizer has no padding token; set one")
    if tokenizer.pad_token_id >= model.get_input_embeddings().num_embeddings:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(0)  # masked: any known one will do
    target = resolve_device(device)
    figures = {"model": name, "revision": digest_of(Path(name)) if local else revision}
    return Judge(tokenizer, model.to(target).eval(), target, figures)


def batches(entries: Sequence[Any], what: str) -> Iterator[Sequence[Any]]:
    """Entries in batches, with a progress bar."""
    with tqdm(total=len(entries), desc=what, disable=None) as bar:
        for start in range(0, len(entries), BATCH):
            yield entries[start : start + BATCH]
            bar.update(min(BATCH, len(entries) - start))
