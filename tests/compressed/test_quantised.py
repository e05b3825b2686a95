"""Quantised folders: what they make of unit vectors are their weights; what is missing is named."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from packages import installed
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer

from fairprune.errors import FairpruneError
from fairprune.models.compressed import open_compressed
from fairprune.models.folder import open_model
from fairprune.pruning.zeros import zeros_of
from inspect_compressed import inspect_compressed

TORCHAO, TORCHAO_CASES = "torchao==0.18.0", Path(__file__).with_name("int8_of_torchao.py")


class Packed(nn.Module):
    """A linear layer that keeps its weights in a form of its own, beside a large bias."""

    def __init__(self, whole: torch.Tensor, scale: float) -> None:
        super().__init__()
        self.register_buffer("packed", whole.to(torch.int8))
        self.scale, self.bias = scale, nn.Parameter(torch.full((len(whole),), 1e6))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(x, self.packed.to(x.dtype) * self.scale, self.bias)


@pytest.mark.parametrize("columns", [7, 512, 1300])
def test_zeros_of_weights_in_any_form(columns):
    torch.manual_seed(0)
    whole = torch.randint(-2, 3, (5, columns))
    layer = Packed(whole, 1e-4)
    assert zeros_of(layer, 5, columns, torch.float32) == int((whole == 0).sum())
    assert layer.bias is not None
    plain = nn.Linear(columns, 5)
    plain.weight.data[:] = whole
    assert zeros_of(plain, 5, columns, torch.float32) == int((whole == 0).sum())


@pytest.fixture(scope="module")
def torchao(tmp_path_factory):
    """A folder that holds torchao, which transformers imports wherever a model is loaded."""
    return installed(TORCHAO, tmp_path_factory.mktemp("torchao"))


def test_int8_of_torchao(torchao):
    """The cases of int8_of_torchao.py, in a process that has the package."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(TORCHAO_CASES)],
        env=os.environ | {"PYTHONPATH": str(torchao)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"quant_method": "gptq", "bits": 4}, r"is quantised \(gptq\), which needs the package"),
        ({"load_in_4bit": True}, r"is quantised \(bitsandbytes\), which needs the package"),
        ({"quant_method": "fp8"}, "unknown quantisation 'fp8'.* Known: awq, bitsandbytes"),
    ],
)
def test_what_cannot_be_read_here_is_named(demo, tmp_path, monkeypatch, asked, said):
    for package in ("optimum", "bitsandbytes"):
        monkeypatch.setitem(sys.modules, package, None)
    folder = shutil.copytree(demo, tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"quantization_config": asked}))
    with pytest.raises(FairpruneError, match=said) as caught:
        open_compressed(folder, open_model(demo))
    assert "\n" not in str(caught.value)


def test_a_missing_reader_of_gguf_files(demo, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gguf", None)
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    with pytest.raises(FairpruneError, match=r"needs the package gguf, .*: pip install gguf$"):
        open_compressed(tmp_path / "m.gguf", open_model(demo))


def test_pickled_weights_and_code_are_refused(demo, tmp_path):
    folder = shutil.copytree(demo, tmp_path / "m")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(FairpruneError, match="pickled weights only"):
        open_compressed(folder, open_model(demo))
    with pytest.raises(FairpruneError, match="neither a folder nor a GGUF file"):
        open_compressed(folder / "pytorch_model.bin", open_model(demo))
    config = {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Evil"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text("raise SystemExit(99)")
    with pytest.raises(FairpruneError, match="code of their own are not supported"):
        open_compressed(folder, open_model(demo))


def test_weights_that_are_no_numbers(demo, tmp_path):
    folder = tmp_path / "m"
    model = AutoModelForCausalLM.from_pretrained(demo)
    model.model.layers[2].mlp.up_proj.weight.data[3, 5] = torch.nan
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(demo).save_pretrained(folder)
    with pytest.raises(FairpruneError, match=r"layers\.2\.mlp\.up_proj\.weight holds NaN"):
        inspect_compressed(demo, folder, tmp_path / "given")
