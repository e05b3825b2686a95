"""Blocks read from the files are those of the model loaded whole, in little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import ARCHITECTURES, tiny_ids, tiny_model

from fairprune.errors import FairpruneError
from fairprune.models.blocks import open_blocks
from fairprune.models.loading import load_model
from fairprune.models.streaming import StreamedBlocks
from fairprune.models.walk import Walk

SCRIPTS = Path(__file__).parents[2] / "scripts"


def logits(walk: Walk) -> list[torch.Tensor]:
    hidden = walk.embed()
    for index in range(len(walk)):
        with walk.block(index) as block:
            hidden = walk.run(index, block, hidden)
    return list(walk.finish(hidden))


def check(folder: Path, dtype: str = "float32") -> None:
    blocks = open_blocks(folder, "cpu", dtype)
    assert isinstance(blocks, StreamedBlocks)
    whole = load_model(folder, "cpu", dtype)
    walk = Walk(blocks, tiny_ids(), batch_size=2)
    for ids, found in zip(walk.input_ids, logits(walk), strict=True):
        with torch.no_grad():
            assert torch.equal(found, whole(ids, use_cache=False).logits)
    assert all(p.is_meta for p in blocks.model.parameters())


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_streamed_is_loaded(name, tmp_path):
    tiny_model(name).half().save_pretrained(tmp_path)
    check(tmp_path)


def test_in_bfloat16(tmp_path):
    tiny_model("gemma").bfloat16().save_pretrained(tmp_path)
    check(tmp_path, "bfloat16")


def test_from_shards(tmp_path):
    tiny_model("llama3").save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 3
    check(tmp_path)


def test_under_the_names_of_older_files(tmp_path):
    """Files of the model without its head name everything without the prefix."""
    tiny_model("tinyllama").save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    tensors = {name.removeprefix("model."): t for name, t in load_file(file).items()}
    save_file(tensors, file, metadata={"format": "pt"})
    check(tmp_path)


def test_a_changed_block_does_not_change_the_files(tmp_path):
    tiny_model("llama2").save_pretrained(tmp_path)
    blocks = open_blocks(tmp_path, "cpu")
    with blocks.block(1) as block:
        before = block.mlp.up_proj.weight.clone()
        block.mlp.up_proj.weight.zero_()
    with blocks.block(1) as block:
        assert torch.equal(block.mlp.up_proj.weight, before)


def test_nan_weights_are_named_with_their_layer(tmp_path):
    model = tiny_model("llama2")
    model.model.layers[1].mlp.up_proj.weight[3, 4] = float("nan")
    model.save_pretrained(tmp_path)
    walk = Walk(open_blocks(tmp_path, "cpu"), tiny_ids())
    with pytest.raises(FairpruneError, match=r"model\.layers\.1\.mlp\.up_proj\.weight holds NaN"):
        logits(walk)


def test_a_shape_that_the_configuration_does_not_say(tmp_path):
    tiny_model("llama2").save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"intermediate_size": 40}))
    with pytest.raises(FairpruneError, match=r"gate_proj\.weight has shape \(48, 32\) in"):
        logits(Walk(open_blocks(tmp_path, "cpu"), tiny_ids()))


def test_a_missing_weight_is_named(tmp_path):
    tiny_model("llama2").save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    tensors = load_file(file)
    del tensors["model.layers.2.mlp.up_proj.weight"]
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(FairpruneError, match=r"no weights for model\.layers\.2\.mlp\.up_proj"):
        open_blocks(tmp_path, "cpu")


PEAK = """
import sys, threading, time
import torch
from pathlib import Path
from fairprune.models.blocks import open_blocks
from fairprune.models.walk import Walk

def anonymous():
    return int(next(l for l in open("/proc/self/status") if "RssAnon" in l).split()[1]) * 1024

def watch():
    global peak
    while True:
        peak = max(peak, anonymous())
        time.sleep(0.002)

blocks = open_blocks(Path(sys.argv[1]), "cpu")
walk = Walk(blocks, torch.randint(0, 90, (4, 16)))
with torch.no_grad():
    torch.nn.Linear(64, 64)(torch.zeros(64, 64))
before = peak = anonymous()
threading.Thread(target=watch, daemon=True).start()
hidden = walk.embed()
for index in range(len(walk)):
    with walk.block(index) as block:
        hidden = walk.run(index, block, hidden)
    del block
list(walk.finish(hidden))
print(peak - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_one_block_is_held_in_memory(tmp_path):
    sizes = {"hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 8}
    tiny_model("llama2", **sizes).half().save_pretrained(tmp_path)
    block = 4 * (4 * 512 * 512 + 3 * 512 * 2048)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, tmp_path],
        env={**os.environ, "PYTHONPATH": str(SCRIPTS), "MALLOC_MMAP_THRESHOLD_": "65536"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert int(done.stdout) < 2.5 * block  # of eight
