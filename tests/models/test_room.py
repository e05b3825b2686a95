"""How many texts at once: what their tokens take, by hand."""

import pytest
import torch
from tiny_models import tiny_model
from transformers import GPT2Config, LlamaConfig

from fairprune.models.room import MOST, ON_CPU, rows_at_once, rows_within, token_bytes
from fairprune.models.sampling import Sampling, draw, in_turn, only
from fairprune.summaries.requests import Request, batches

LLAMA_3_8B = LlamaConfig(
    hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32,
    num_key_value_heads=8, vocab_size=128256,
)  # fmt: skip


def test_bytes_of_a_token():
    kept, block = 32 * 2 * 8 * 128 * 2, (8 * 4096 + 3 * 14336) * 2
    assert kept == 128 * 1024
    assert token_bytes(LLAMA_3_8B, 2) == kept + block
    gpt2 = GPT2Config(n_embd=768, n_layer=12, n_head=12)  # no grouped queries, no inner size
    assert token_bytes(gpt2, 4) == 4 * (12 * 2 * 768 + (8 + 3 * 4) * 768)


def test_rows_fill_the_room_and_are_never_none():
    rows = rows_within(2000, 2)
    assert [rows(tokens) for tokens in (1, 10, 500, 501, 1001)] == [MOST, 100, 2, 1, 1]


def test_a_cpu_takes_a_fixed_number():
    model = tiny_model("llama3")
    assert rows_at_once(model, model.config)(1000) == ON_CPU


@pytest.mark.parametrize("lengths", [[5], [3, 9, 9, 1, 7, 2], list(range(1, 40))])
def test_no_batch_takes_more_than_there_is(lengths):
    requests = [Request(str(n), [0] * length, 1) for n, length in enumerate(lengths)]
    found = batches(requests, rows_within(100, 1), new=4)
    assert sorted(r.id for batch in found for r in batch) == sorted(r.id for r in requests)
    for batch, after in zip(found, [*found[1:], None], strict=True):
        longest = len(batch[0].ids) + 4
        assert longest == max(len(r.ids) + 4 for r in batch)
        assert len(batch) == 1 or len(batch) * longest <= 100
        if after:  # one more of this length would not fit
            assert (len(batch) + 1) * longest > 100


def test_nothing_comes_to_the_host_when_a_token_is_drawn():
    """Of tensors that have no values (`meta`) torch copies none to the host, and says so."""
    following = in_turn(torch.rand(3, 4, dtype=torch.float64))
    for _ in range(4):
        logits = torch.empty(3, 50, device="meta")
        chosen = draw(logits, following(logits.device), Sampling(0.7, 0.9, 20))
        assert only(logits, chosen).is_meta
    with pytest.raises(StopIteration):
        following(torch.device("meta"))


def test_numbers_are_handed_out_in_their_order():
    numbers = torch.rand(3, 4, dtype=torch.float64)
    following = in_turn(numbers)
    assert torch.equal(torch.stack([following(numbers.device) for _ in range(4)], 1), numbers)
