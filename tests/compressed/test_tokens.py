"""A compressed model has the tokens of its model, or is refused with what differs."""

import json
import shutil

import pytest
from transformers import AutoConfig

from fairprune.errors import FairpruneError
from fairprune.models.compressed import open_compressed
from fairprune.models.folder import open_model
from fairprune.models.same_tokens import check_same_tokens
from inspect_compressed import inspect_compressed


@pytest.fixture
def other(demo, tmp_path):
    """The demo's model again."""
    return shutil.copytree(demo, tmp_path / "other")


def change(folder, **parts):
    """Put other parts into a tokenizer."""
    file = folder / "tokenizer.json"
    content = json.loads(file.read_text("utf-8"))
    content["model"] |= parts.pop("model", {})
    file.write_text(json.dumps(content | parts), encoding="utf-8")


def test_the_same(demo, other):
    check_same_tokens(demo, other)


def test_tokens_exchanged(demo, other):
    vocabulary = json.loads((other / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    names = {number: token for token, number in vocabulary.items()}
    change(other, model={"vocab": vocabulary | {names[400]: 401, names[401]: 400}})
    said = rf"of 1904 tokens 2, such as '{names[400]}', 400 here and 401 there"
    with pytest.raises(FairpruneError, match=said):
        check_same_tokens(demo, other)


def test_the_same_tokens_otherwise_put_together(demo, other):
    merges = json.loads((other / "tokenizer.json").read_text("utf-8"))["model"]["merges"]
    change(other, model={"merges": merges[:200]})
    with pytest.raises(FairpruneError, match=r"'One two, 3.* is \[1, .* here and \[1, .* there"):
        check_same_tokens(demo, other)


def test_texts_cut_otherwise(demo, other):
    change(other, normalizer={"type": "Lowercase"})
    with pytest.raises(FairpruneError, match="gives other token ids than that of"):
        inspect_compressed(demo, other, other.parent / "given")
    assert not (other.parent / "given").exists()


def test_without_a_tokenizer(demo, other):
    for file in other.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(FairpruneError, match=r"tokenizer"):
        check_same_tokens(demo, other)


def test_a_shorter_context(demo, other):
    config = AutoConfig.from_pretrained(other)
    config.max_position_embeddings = 256
    config.save_pretrained(other)
    with pytest.raises(FairpruneError, match=r"sees 256 tokens at most, and .* 512"):
        open_compressed(other, open_model(demo))
