"""What prompts have in common is read once, and what follows is what follows each prompt alone."""

from types import SimpleNamespace

import pytest
import torch
from tiny_models import ARCHITECTURES, COMMON, tiny_model
from transformers import AutoConfig, AutoModelForCausalLM, DynamicCache

from fairprune.models import cache as cache_module
from fairprune.models.cache import empty_cache
from fairprune.models.decoding import Decoder
from fairprune.models.guards import Guards
from fairprune.models.prefill import read_once

TOKENIZER = SimpleNamespace(eos_token_id=2, pad_token_id=0, bos_token_id=1)
NEW = 8
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


def padded(prompts):
    """The prompts, their ids padded on the left, and the mask."""
    longest = max(map(len, prompts))
    rows = [[0] * (longest - len(prompt)) for prompt in prompts]
    ids = torch.tensor([pads + prompt for pads, prompt in zip(rows, prompts, strict=True)])
    mask = torch.ones_like(ids)
    for row, pads in enumerate(rows):
        mask[row, : len(pads)] = 0
    return prompts, ids, mask


GUARDS = {"min_new_tokens": NEW, "repetition_penalty": 1.2}


def go_on(model, prompts):
    """What follows, and the logits of each step, prompts × steps × vocabulary."""
    logits = []

    def step(found):
        logits.append(found.clone())
        return found

    made = Decoder(model, TOKENIZER, NEW, Guards(**GUARDS)).go_on(prompts, step)
    return made, torch.stack(logits, 1)


def alone(model, prompt):
    """The same by `generate` of one prompt, with transformers' own cache."""
    found = model.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        max_new_tokens=NEW,
        do_sample=False,
        eos_token_id=2,
        pad_token_id=0,
        output_scores=True,
        return_dict_in_generate=True,
        **GUARDS,
    )
    return found.sequences[0, len(prompt) :].tolist(), torch.cat(found.scores)


def refuse_another_text(model, prompts):
    expected, scores = zip(*(alone(model, prompt) for prompt in prompts), strict=True)
    found, logits = go_on(model, prompts)
    assert found == [*expected]
    torch.testing.assert_close(logits, torch.stack(scores), rtol=0, atol=2e-5)


@pytest.mark.parametrize("prompts", PROMPTS.values(), ids=PROMPTS)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_what_follows_is_what_follows_each_prompt_alone(name, prompts):
    refuse_another_text(tiny_model(name).float().eval(), prompts)


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


def test_no_room_where_layers_keep_more_beside_a_window():
    model = tiny_model("llama3")
    model.config.layer_types, model.config.sliding_window = ["hybrid_sliding"] * 3, 128
    assert empty_cache(model, 40) is None


def encoder(kind: str):
    config = AutoConfig.for_model(kind, **COMMON)
    return AutoModelForCausalLM.from_config(config).float().eval()


DYNAMIC = {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}
BY_LAYER = {"full_attention": DYNAMIC, "sliding_attention": DYNAMIC}


def test_a_window_that_is_no_caches_affair_is_the_same():
    """Local attention over a whole cache counts places, pads and all."""
    config = AutoConfig.for_model(
        "gpt_neo",
        hidden_size=32,
        num_layers=2,
        num_heads=4,
        attention_types=[[["global", "local"], 1]],
        window_size=8,
        vocab_size=97,
    )
    model = AutoModelForCausalLM.from_config(config).float().eval()
    refuse_another_text(model, PROMPTS["examples"])


@pytest.mark.parametrize(
    "model",
    [
        tiny_model("bloom"),
        tiny_model("llama3", rope_parameters=DYNAMIC),
        tiny_model("gemma3", rope_parameters=BY_LAYER, **WIDE),
        encoder("bert"),
        encoder("rembert"),
    ],
    ids=["own positions", "rotations by length", "of some layers", "looks ahead", "so, too"],
)
def test_all_is_read_at_once_where_it_cannot_be_read_in_parts(model):
    cache = empty_cache(model, 40)
    read_once(model, cache, *padded(PROMPTS["examples"]))
    assert cache.get_seq_length() == 0


def test_little_in_common_is_read_as_it_comes():
    """Two passes more cost what they save."""
    model = tiny_model("llama3").float().eval()
    for own, spared in ((39, False), (4, True)):
        prompts = [some(5, 0) + some(own, n) for n in (1, 2, 3)]
        cache = empty_cache(model, 60)
        read_once(model, cache, *padded(prompts))
        assert (cache.get_seq_length() > 0) == spared


@pytest.mark.parametrize(
    ("expected", "ahead", "rooms"), [(12, 256, 1), (10, 256, 3), (12, 4, 3), (1000, 4, 3)]
)
def test_room_is_made_seldom_and_not_for_what_may_never_come(expected, ahead, rooms, monkeypatch):
    """transformers' own cache is made anew at every step; a model may add tokens of its own."""
    monkeypatch.setattr(cache_module, "AHEAD", ahead)
    model = tiny_model("llama3").float().eval()
    cache, places, most = empty_cache(model, expected), [], 0
    for token in range(12):
        model(torch.full((2, 1), token + 3), past_key_values=cache)
        places.append(cache.layers[0].keys.untyped_storage())
        most = max(most, places[-1].nbytes())
    assert len({place.data_ptr() for place in places}) == rooms
    assert most <= (12 + ahead) * 4 * cache.layers[0].keys[:, :, 0].numel()
    usual = DynamicCache(config=model.config)
    model(torch.arange(3, 15).repeat(2, 1), past_key_values=usual)
    for ours, theirs in zip(cache.layers, usual.layers, strict=True):
        torch.testing.assert_close(ours.keys, theirs.keys, rtol=0, atol=1e-6)
        torch.testing.assert_close(ours.values, theirs.values, rtol=0, atol=1e-6)
