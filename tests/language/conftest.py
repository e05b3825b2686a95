"""A tiny model with a tokenizer of its own, and texts to read."""

import random

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WORDS = [f"w{n}" for n in range(60)]


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    """A model folder with a context of 64 tokens; one token a word, `<s>` before every text."""
    from tokenizers.processors import TemplateProcessing

    folder = tmp_path_factory.mktemp("model")
    vocabulary = {"<s>": 0, "<unk>": 1, **{word: n + 2 for n, word in enumerate(WORDS)}}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", unk_token="<unk>", eos_token="<s>"
    ).save_pretrained(folder)
    torch.manual_seed(5)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        max_position_embeddings=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.3,
        bos_token_id=0,
        eos_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """A text of 399 words; with `<s>` 400 tokens."""
    file = tmp_path_factory.mktemp("texts") / "corpus.txt"
    dice = random.Random(1)
    file.write_text(" ".join(dice.choice(WORDS) for _ in range(399)), encoding="utf-8")
    return file
