"""The walk block by block is the model called whole, to the last bit."""

import pytest
import torch
from tiny_models import ARCHITECTURES, tiny_ids, tiny_model

from fairprune.models.blocks import Blocks
from fairprune.models.walk import Walk, slot_samples


def walked(walk: Walk) -> list[torch.Tensor]:
    hidden = walk.embed()
    for index in range(len(walk)):
        with walk.block(index) as block:
            hidden = walk.run(index, block, hidden)
    return list(walk.finish(hidden))


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_walk_gives_the_logits_of_the_model(name):
    model = tiny_model(name)
    walk = Walk(Blocks(model), tiny_ids(), batch_size=2)
    for ids, logits in zip(walk.input_ids, walked(walk), strict=True):
        with torch.no_grad():
            expected = model(ids, use_cache=False).logits
        assert torch.equal(logits, expected)
        assert expected.std() > 1e-3  # not a comparison of nothing with nothing


def test_a_window_that_slides_matters():
    """So the test above would see a mask that was lost."""
    model = tiny_model("mistral")
    ids = tiny_ids()
    wide = tiny_model("mistral", sliding_window=64)
    with torch.no_grad():
        assert not torch.equal(model(ids).logits, wide(ids).logits)


def test_blocks_get_different_masks():
    walk = Walk(Blocks(tiny_model("gemma3")), tiny_ids())
    walk.embed()
    masks = [given.kwargs["attention_mask"] for given in walk._given[0]]
    assert masks[0] is masks[2]
    assert masks[1] is None or not torch.equal(masks[0], masks[1])


def test_what_batches_have_in_common_is_held_once():
    walk = Walk(Blocks(tiny_model("llama2")), tiny_ids(8), batch_size=2)
    walk.embed()
    first, second = (given[0].kwargs["position_embeddings"] for given in walk._given[:2])
    assert first[0] is second[0]


def test_a_changed_block_is_forgotten():
    model = tiny_model("llama2")
    walk = Walk(Blocks(model), tiny_ids())
    before = walked(walk)
    with walk.block(1) as block:
        block.mlp.down_proj.weight.zero_()
    assert all(map(torch.equal, before, walked(walk)))


def test_hidden_states_can_be_replaced_on_the_way():
    walk = Walk(Blocks(tiny_model("llama2")), tiny_ids(), batch_size=2)
    hidden = walk.embed()
    with walk.block(0) as block:
        apart = walk.run(0, block, hidden)
        assert not torch.equal(apart[0], hidden[0])
        assert walk.run(0, block, hidden, replace=True) is hidden
    assert all(map(torch.equal, apart, hidden))


def test_the_model_is_as_it_was():
    model = tiny_model("llama2")
    ids = tiny_ids()
    with torch.no_grad():
        before = model(ids).logits
        walked(Walk(Blocks(model), ids))
        assert torch.equal(before, model(ids).logits)


def test_logits_of_any_stretch_of_tokens():
    model = tiny_model("gemma2")  # it caps its logits
    walk = Walk(Blocks(model), tiny_ids())
    hidden = walk.embed()
    with torch.no_grad(), walk.blocks.outside():
        whole = walk.logits(hidden[0])
        part = walk.logits(hidden[0][:, 5:9])
    assert torch.allclose(whole[:, 5:9], part, atol=1e-6)


@pytest.mark.parametrize(
    ("samples", "tokens", "slot"),
    [(128, 512, 16), (8, 512, 4), (32, 256, 8), (1, 512, 1), (5, 24, 3), (9, 4096, 2)],
)
def test_slots_depend_on_the_samples_alone(samples, tokens, slot):
    assert slot_samples(samples, tokens) == slot


def test_batches_do_not_cross_slots():
    ids = tiny_ids(13)
    walk = Walk(Blocks(tiny_model("llama2")), ids, batch_size=3)
    assert [len(batch) for batch in walk.input_ids] == [3, 3, 1, 3, 3]
    assert torch.equal(torch.cat(walk.input_ids), ids)
