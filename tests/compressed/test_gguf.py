"""GGUF files of several number types, and files that only look like some."""

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from gguf_files import write_gguf
from transformers import AutoConfig, AutoModelForCausalLM

from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.models.compressed import load_compressed, open_compressed
from fairprune.models.folder import open_model
from fairprune.models.gguf import read_header
from fairprune.pruning.variant import load_variant, open_pruned
from inspect_compressed import inspect_compressed

gguf = pytest.importorskip("gguf")
BITS = {"F16": 16, "BF16": 16, "Q8_0": 8.5, "Q4_0": 4.5, "Q5_1": 6}  # a weight of a block's


@pytest.fixture(scope="module")
def q4(demo, tmp_path_factory):
    """A Q4_0 file of the demo's model, and the values that it holds."""
    file = tmp_path_factory.mktemp("q4") / "demo.Q4_0.gguf"
    return file, write_gguf(demo, file, "Q4_0")


@pytest.mark.parametrize("kind", BITS)
def test_its_weights_are_those_that_the_file_holds(demo, tmp_path, kind):
    held = write_gguf(demo, tmp_path / "m.gguf", kind)
    dense = open_model(demo)
    opened = open_compressed(tmp_path / "m.gguf", dense)
    model = load_compressed(opened, dense, "cpu")
    for name, values in held.items():
        assert np.array_equal(model.get_parameter(name).numpy(), values), name
    matrices = sum(values.size for values in held.values() if values.ndim == 2)
    assert opened.stored[kind]["bytes"] * 8 == matrices * BITS[kind]
    assert opened.stored["F32"] == {"tensors": 11, "bytes": 4 * 11 * 128}


def test_it_computes_as_the_model_where_nothing_is_lost(demo, tmp_path):
    """Scaled rotary embeddings and the end token are the model's: the file does not say them."""
    config = AutoConfig.from_pretrained(demo)
    config.rope_parameters |= {
        **{"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0},
        "original_max_position_embeddings": 32,
    }
    scaled = tmp_path / "scaled"
    dense = AutoModelForCausalLM.from_pretrained(demo, config=config, dtype=torch.float32)
    dense.save_pretrained(scaled)
    for file in demo.glob("tokenizer*"):
        (scaled / file.name).write_bytes(file.read_bytes())
    write_gguf(scaled, tmp_path / "m.gguf", "F32")
    opened = open_model(scaled)
    model = load_compressed(open_compressed(tmp_path / "m.gguf", opened), opened, "cpu")
    ids = torch.arange(3, 93)[None]
    assert torch.equal(model(ids).logits, dense(ids).logits)
    assert model.generation_config.eos_token_id == dense.generation_config.eos_token_id == 2


def test_of_an_architecture_that_files_call_otherwise(demo, tmp_path, capsys):
    """A Mistral's file says that it is a Llama: its own configuration, and what differs is said."""
    mistral = Path(shutil.copytree(demo, tmp_path / "mistral"))
    config = json.loads((demo / "config.json").read_text())
    config |= {"model_type": "mistral", "architectures": ["MistralForCausalLM"]}
    (mistral / "config.json").write_text(json.dumps(config | {"sliding_window": None}))
    write_gguf(demo, tmp_path / "m.gguf", "F32")
    inspect_compressed(mistral, tmp_path / "m.gguf", tmp_path / "given")
    assert "configured otherwise than its model: model_type\n" in capsys.readouterr().err
    ids = torch.arange(3, 93)[None]
    loaded = load_variant(mistral, open_pruned(tmp_path / "given"), "cpu")
    assert torch.equal(loaded(ids).logits, load_variant(mistral, None, "cpu")(ids).logits)


def test_its_card_says_what_it_is(demo, q4, tmp_path):
    file, held = q4
    inspect_compressed(demo, file, tmp_path / "given")
    card = read_card(tmp_path / "given")
    assert card["files"].keys() == {file.name}
    assert card["parameters"]["format"] == "gguf"
    figures = card["figures"]
    for name, layer in figures["layers"].items():
        assert layer["pruned"] == int((held[f"{name}.weight"] == 0).sum())
    assert len(figures["layers"]) == 35
    count = sum(values.size for values in held.values())
    norms = 11 * 128
    assert figures["bits_per_weight"] == pytest.approx((4.5 * (count - norms) + 32 * norms) / count)
    loaded = load_variant(demo, open_pruned(tmp_path / "given"), "cpu")
    layer = "model.layers.2.mlp.up_proj.weight"
    assert np.array_equal(loaded.get_parameter(layer).numpy(), held[layer])


def test_other_tokens_are_refused(demo, tmp_path):
    def exchanged(tokens):
        return [*tokens[:300], tokens[301], tokens[300], *tokens[302:]]

    write_gguf(demo, tmp_path / "m.gguf", "F16", tokens=exchanged)
    with pytest.raises(FairpruneError, match=r"of 1904 tokens 2, such as .*, 300 here and 301"):
        inspect_compressed(demo, tmp_path / "m.gguf", tmp_path / "given")
    assert not (tmp_path / "given").exists()


def test_another_model_is_refused(demo, tmp_path, q4):
    config = AutoConfig.from_pretrained(demo)
    config.intermediate_size = 384
    wider = AutoModelForCausalLM.from_config(config)
    wider.save_pretrained(tmp_path / "wider")
    with pytest.raises(FairpruneError, match=r"another model .*: intermediate_size 352, and 384"):
        open_compressed(q4[0], open_model(tmp_path / "wider"))


def broken(whole: bytes) -> dict[str, bytes]:
    """What a file can be that is none, by what is wrong with it."""
    start = 24  # after the magic number, the version, and the counts of tensors and keys
    huge = struct.pack("<Q", 1 << 60)
    length = struct.unpack_from("<Q", whole, start)[0]
    value = start + 8 + length + 4
    return {
        "empty": b"",
        "a number alone": whole[:4],
        "another file": b"<!doctype html>" + whole,
        "half a header": whole[:1000],
        "half a vocabulary": whole[:20_000],
        "without its last weights": whole[:-1000],
        "endless tensors": whole[:8] + huge + whole[16:],
        "endless keys": whole[:16] + huge + whole[24:],
        "an endless name": whole[:start] + huge + whole[start + 8 :],
        "an endless text": whole[:value] + huge + whole[value + 8 :],
    }


def test_broken_files_are_one_line(demo, q4, tmp_path):
    dense, whole = open_model(demo), q4[0].read_bytes()
    for what, content in broken(whole).items():
        file = tmp_path / f"{what}.gguf"
        file.write_bytes(content)
        with pytest.raises(FairpruneError, match=what) as caught:
            open_compressed(file, dense)
        assert "\n" not in str(caught.value), what


def test_sizes_that_no_model_has(demo, tmp_path):
    write_gguf(demo, tmp_path / "m.gguf", "F16", blocks=1 << 30)
    with pytest.raises(FairpruneError, match=r"m\.gguf"):
        read_header(tmp_path / "m.gguf")


def test_one_of_several_parts(tmp_path):
    writer = gguf.GGUFWriter(tmp_path / "m-00001-of-00002.gguf", "llama")
    writer.add_uint16("split.count", 2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(FairpruneError, match="one of 2 parts: put them together"):
        read_header(tmp_path / "m-00001-of-00002.gguf")
