"""What a grid's jobs consist of: a process that starts, weights that are loaded, tokens read."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from gpu_parts.row import dtype_on, row, timed
from measure import random_ids, random_model

from fairprune.models.loading import load_model

START = "import torch, transformers; transformers.AutoModelForCausalLM; torch.zeros(1, device='{}')"
AT_ONCE = 8  # texts


def started(device):
    """Seconds of a process that does nothing but begin."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", START.format(device)], check=True)
    return time.perf_counter() - began


def rows(options):
    """On a model of `depth` blocks, whose weights are named."""
    dtype = dtype_on(options.device)
    model = random_model(options.shape, dtype, options.device, options.depth)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(Path(folder) / "m")
        size = sum(f.stat().st_size for f in (Path(folder) / "m").glob("*.safetensors"))
        name = str(dtype).removeprefix("torch.")
        loaded, _ = timed(lambda: load_model(Path(folder) / "m", options.device, name))
    ids = random_ids(options.shape, AT_ONCE, options.tokens).to(options.device)
    with torch.no_grad():
        read, peak = timed(lambda: model(ids))
    return [
        row("start", started(options.device)),
        row("load", size / loaded, "bytes a second"),
        row("forward", ids.numel() / read, "tokens a second", peak=peak),
        row("weights", float(model.num_parameters()), "of that model"),
    ]
