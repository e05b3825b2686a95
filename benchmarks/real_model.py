"""Gradients, Wanda and SparseGPT on a real model: our commands, and plain scripts of the same.

python benchmarks/real_model.py MODEL [--only NAME] [--samples 16] [--tokens 512]

MODEL: a folder, as ../shared/tools/real-model makes it. Each way is a process of its own, from
Python's start to its files, on one thread; memory is the whole process's. The plain scripts do
what the public ones do: one backward pass a sample; one sample at a time through each block,
twice; a Hessian a layer, and every error to all columns of its 128.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import torch
from each_method import TEXT, measured, run
from gradients import one_by_one
from measure import report
from safetensors.torch import load_file, save_file
from sparsegpt import plain_model
from wanda import one_by_one as one_sample_at_a_time

PLAIN = {"gradients": one_by_one, "wanda": one_sample_at_a_time, "sparsegpt": plain_model}
AIMS = {"gradients": 1.25, "wanda": 1.5, "sparsegpt": 1.5}


def ours(name, model, ids, output):
    """What our command takes."""
    files = ["--model", model, "--calibration", ids, "--output", output]
    if name == "gradients":
        return run("compute_gradients", *files)
    return run("prune_model", *files, "--method", name, "--sparsity", "0.5")


def plain(name, model, ids, output):
    """What the process of a plain script does."""
    from transformers import AutoModelForCausalLM

    from fairprune.io.usage import summary

    network = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
    if name != "gradients":  # the public script freezes nothing
        network.requires_grad_(False)
    save_file(PLAIN[name](network, load_file(ids)["input_ids"]), output)
    print(summary(), file=sys.stderr)


def windows(model, samples, tokens):
    """The first windows of a text, samples × tokens."""
    from transformers import AutoTokenizer

    text = TEXT.read_text(encoding="utf-8")[: 10 * samples * tokens]
    ids = AutoTokenizer.from_pretrained(model)(text, verbose=False)["input_ids"]
    return torch.tensor(ids[: samples * tokens]).view(samples, tokens)


def main() -> None:
    """Run all ways, one after the other, and write a result of each step."""
    if sys.argv[1] == "--plain":
        plain(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--only", choices=list(PLAIN))
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=512)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    about = {"model": options.model.name, "samples": options.samples, "tokens": options.tokens}
    with tempfile.TemporaryDirectory() as folder:
        ids = Path(folder) / "ids.safetensors"
        save_file({"input_ids": windows(options.model, options.samples, options.tokens)}, ids)
        for name in [options.only] if options.only else PLAIN:
            files = [options.model, ids, Path(folder) / f"{name}.safetensors"]
            ways = {"ours": ours(name, *files)}
            files[-1] = Path(folder) / f"plain-{name}"
            ways["plain script"] = measured(Path(__file__), "--plain", name, *files)
            aims = {"plain script": AIMS[name]}
            report(f"real-{name}", about | {"device": "cpu"}, ways, "ours", aims)


if __name__ == "__main__":
    main()
