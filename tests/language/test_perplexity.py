"""Perplexity against a plain formulation, and by hand."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaConfig, LlamaForCausalLM

from fairprune.errors import FairpruneError
from fairprune.language.perplexity import perplexity
from fairprune.language.windows import Windows, cut, window_length

SIZE = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=61, num_attention_heads=4, num_key_value_heads=2, initializer_range=0.4, **SIZE
    )
    return LlamaForCausalLM(config).eval()


def plain(model, ids, window):
    """The usual definition, one token at a time, in float64."""
    losses = []
    for start in range(0, len(ids) - window + 1, window):
        piece = ids[start : start + window]
        with torch.no_grad():
            scores = model.double()(piece[None]).logits[0]
        for position in range(1, window):
            row = scores[position - 1]
            losses.append((row.exp().sum().log() - row[piece[position]]).item())
    model.float()
    return math.exp(sum(losses) / len(losses))


def whole(ids):
    return Windows(ids, "none")


@pytest.mark.parametrize(("tokens", "window"), [(300, 16), (300, 7), (64, 64), (50, 2)])
def test_equals_a_plain_formulation(model, tokens, window):
    ids = torch.randint(61, (tokens,), generator=torch.Generator().manual_seed(tokens + window))
    found = perplexity(model, cut(ids, window))
    assert found.windows == tokens // window
    assert found.tokens == found.windows * window
    assert (found.window, found.scored) == (window, found.windows * (window - 1))
    assert found.perplexity == pytest.approx(plain(model, ids, window), rel=1e-5, abs=1e-4)
    assert found.perplexity == pytest.approx(math.exp(found.loss))


def test_a_model_that_knows_nothing_is_as_perplexed_as_its_vocabulary_is_large(model):
    blind = LlamaForCausalLM(model.config).eval()
    torch.nn.init.zeros_(blind.lm_head.weight)
    found = perplexity(blind, whole(torch.zeros(3, 5, dtype=torch.long)))
    assert found.perplexity == pytest.approx(61)


def test_batches_do_not_matter(model, monkeypatch):
    windows = cut(torch.arange(600) % 61, 20)
    together = perplexity(model, windows)
    monkeypatch.setattr("fairprune.language.perplexity.TOKENS_PER_BATCH", 1)
    assert perplexity(model, windows).loss == pytest.approx(together.loss, abs=1e-6)


def test_a_loss_that_is_not_finite_is_said_to_be_none(model):
    broken = LlamaForCausalLM(model.config).eval()
    torch.nn.init.constant_(broken.lm_head.weight, float("nan"))
    found = perplexity(broken, whole(torch.zeros(1, 4, dtype=torch.long)))
    assert found.loss is None and found.perplexity is None
    torch.nn.init.normal_(broken.lm_head.weight, std=1e6)
    found = perplexity(broken, whole(torch.arange(8).view(1, 8)))
    assert found.loss > 1000 and found.perplexity is None


def test_windows():
    assert cut(torch.arange(10), 4).ids.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert cut(torch.arange(3), 4).ids.tolist() == [[0, 1, 2]]
    with pytest.raises(FairpruneError, match="fewer than 2 tokens"):
        cut(torch.arange(1), 4)
    assert window_length(2048, 512) == 512
    assert window_length(128, 512) == 128
    assert window_length(128, None) == 128
    with pytest.raises(FairpruneError, match="at least 2"):
        window_length(1, 512)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=50), st.integers(2, 12))
def test_every_window_begins_and_no_token_is_lost_or_scored_twice(text, window):
    ids = torch.tensor([0, *text])
    found = cut(ids, window, 0, "every")
    assert found.beginning == "every"
    assert (found.ids[:, 0] == 0).all() and (found.ids[:, 1:] != 0).all()
    assert found.ids.shape[1] == min(window, len(ids))
    scored = found.ids[:, 1:].flatten().tolist()
    assert scored == text[: len(scored)]
    assert len(text) - len(scored) < found.ids.shape[1] - 1
    published = cut(ids, window, 0, "first")
    assert published.beginning == "first"
    assert published.ids.flatten().tolist() == [0, *text][: published.ids.numel()]
    if len(ids) <= window:
        assert torch.equal(found.ids, published.ids)


def test_without_a_beginning_token_both_ways_are_one():
    for way in ("every", "first"):
        found = cut(torch.arange(10), 4, None, way)
        assert (found.ids.tolist(), found.beginning) == ([[0, 1, 2, 3], [4, 5, 6, 7]], "none")
