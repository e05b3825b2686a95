"""What prompts have in common is read once, and what follows is what follows each prompt alone."""

from types import SimpleNamespace

import pytest
import torch
from tiny_models import ARCHITECTURES, COMMON, tiny_model
from transformers import AutoConfig, AutoModelForCausalLM, DynamicCache

from fairprune.models.cache import empty_cache
from fairprune.models.decoding import Decoder
from fairprune.models.guards import Guards
from fairprune.models.prefill import read_once

TOKENIZER = SimpleNamespace(eos_token_id=2, pad_token_id=0, bos_token_id=1)
NEW = 8
CPU = torch.device("cpu")
WIDE = {"sliding_window": 128}


def some(count: int, seed: int) -> list[int]:
    return torch.randint(3, 97, (count,), generator=torch.Generator().manual_seed(seed)).tolist()


BEGINNING = some(14, 0)
PROMPTS = {
    "examples": [BEGINNING + some(n, n) for n in (9, 4, 7, 1, 12, 3)],
    "twice": [BEGINNING + some(n, n) for n in (9, 4, 9, 4, 9, 30)],
    "one within another": [BEGINNING + some(n, 5) for n in (20, 1, 7, 4, 11, 3)],
    "all the same": [BEGINNING] * 8,
    "begins with padding": [[0, *BEGINNING, *some(n, n)] for n in (5, 1, 2, 8, 6)],
}


class Read:
    """Counts the tokens that a model reads."""

    def __init__(self, model) -> None:
        self.tokens = 0
        model.get_input_embeddings().register_forward_hook(self._count)

    def _count(self, _, args, output) -> None:
        self.tokens += args[0].numel()


def go_on(model, prompts):
    """What follows, and the logits of each step, prompts × steps × vocabulary."""
    logits = []

    def step(found):
        logits.append(found.clone())
        return found

    guards = Guards(min_new_tokens=NEW, repetition_penalty=1.2)
    made = Decoder(model, TOKENIZER, NEW, guards).go_on(prompts, step)
    return made, torch.stack(logits, 1).nan_to_num(neginf=0)


@pytest.mark.parametrize("prompts", PROMPTS.values(), ids=PROMPTS)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_what_follows_is_what_follows_each_prompt_alone(name, prompts):
    model = tiny_model(name).float().eval()
    made, logits = go_on(model, prompts)
    alone = [go_on(model, [prompt]) for prompt in prompts]
    assert made == [one[0][0] for one in alone]
    torch.testing.assert_close(logits, torch.cat([one[1] for one in alone]), rtol=0, atol=2e-5)


@pytest.mark.parametrize("prompts", PROMPTS.values(), ids=PROMPTS)
@pytest.mark.parametrize(("name", "changed"), [("llama3", {}), ("pythia", {}), ("gemma2", WIDE)])
def test_every_token_that_is_common_is_read_once(name, changed, prompts):
    """Each distinct prompt's own tokens, the beginning, and one token a prompt and step."""
    model = tiny_model(name, **changed).float().eval()
    read = Read(model)
    go_on(model, prompts)
    distinct = [list(prompt) for prompt in {tuple(prompt) for prompt in prompts}]
    common = min(map(len, prompts)) - 1
    while any(prompt[:common] != distinct[0][:common] for prompt in distinct):
        common -= 1
    width = max(map(len, prompts)) - 1 - common
    assert read.tokens == common + len(distinct) * width + len(prompts) * NEW
    usual = len(prompts) * (max(map(len, prompts)) + NEW - 1)
    assert read.tokens < usual


@pytest.mark.parametrize("name", ["gemma2", "lfm2", "falcon-h1"])
def test_no_room_where_a_model_keeps_less_than_every_token(name):
    """Windows of 8 tokens, convolutions, recurrent states."""
    model = tiny_model(name).float().eval()
    assert empty_cache(model, 40) is None
    read = Read(model)
    go_on(model, PROMPTS["examples"])
    longest = max(map(len, PROMPTS["examples"]))
    assert read.tokens == len(PROMPTS["examples"]) * (longest + NEW - 1)


LONGER = {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}}


@pytest.mark.parametrize(
    "model",
    [
        tiny_model("bloom"),
        tiny_model("llama3", **LONGER),
        AutoModelForCausalLM.from_config(AutoConfig.for_model("bert", **COMMON)),
    ],
    ids=["its own positions", "rotations by length", "looks ahead"],
)
def test_all_is_read_at_once_where_it_cannot_be_read_in_parts(model):
    cache = empty_cache(model, 40)
    assert read_once(model, cache, PROMPTS["examples"], 0, CPU) is None
    assert cache.get_seq_length() == 0


def test_little_in_common_is_read_as_it_comes():
    """Two passes more cost what they save."""
    model = tiny_model("llama3").float().eval()
    for own, spared in ((39, False), (4, True)):
        prompts = [some(5, 0) + some(own, n) for n in (1, 2, 3)]
        mask = read_once(model, empty_cache(model, 60), prompts, 0, CPU)
        assert (mask is not None) == spared


@pytest.mark.parametrize(("expected", "copies"), [(12, 0), (20, 0), (10, 2)])
def test_keys_and_values_are_written_once(expected, copies):
    """No step copies what is known, if a model adds no tokens of its own to those expected."""
    model = tiny_model("llama3").float().eval()
    cache, kept = empty_cache(model, expected), []
    for token in range(12):
        model(torch.full((2, 1), token + 3), past_key_values=cache)
        kept.append(cache.layers[0].keys.untyped_storage().data_ptr())
    assert len(set(kept)) == 1 + copies
    usual = DynamicCache(config=model.config)
    model(torch.arange(3, 15).repeat(2, 1), past_key_values=usual)
    for ours, theirs in zip(cache.layers, usual.layers, strict=True):
        torch.testing.assert_close(ours.keys, theirs.keys, rtol=0, atol=1e-6)
        torch.testing.assert_close(ours.values, theirs.values, rtol=0, atol=1e-6)
