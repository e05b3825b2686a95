"""What all benchmarks share: models made at random, fair timing, peak memory, the result file."""

import argparse
import json
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))
RESULTS = Path(__file__).parent / "results"

# Name → hidden, intermediate, blocks, heads, key-value heads, vocabulary.
SHAPES = {
    "2m": (128, 352, 4, 4, 2, 1024),
    "30m": (512, 1408, 8, 8, 8, 4096),
    "300m": (1024, 2816, 20, 16, 16, 16384),
    "llama-3-8b": (4096, 14336, 32, 32, 8, 128256),
}


def random_model(
    shape: str,
    dtype: torch.dtype = torch.float32,
    device: str = "cpu",
    depth: int | None = None,
):
    """A Llama of one of `SHAPES` with random weights, evaluating, without gradients.

    `depth`: so many blocks instead of the shape's.
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    hidden, intermediate, blocks, heads, shared, vocabulary = SHAPES[shape]
    config = LlamaConfig(
        hidden_size=hidden,
        intermediate_size=intermediate,
        num_hidden_layers=depth or blocks,
        num_attention_heads=heads,
        num_key_value_heads=shared,
        vocab_size=vocabulary,
        max_position_embeddings=4096,
        dtype=dtype,
    )
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)  # weights are never there twice, nor larger than they will be
    try:
        with torch.device(device):
            model = LlamaForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    return model.to(dtype).eval().requires_grad_(False)


def random_ids(shape: str, samples: int, tokens: int) -> torch.Tensor:
    """Random token ids, samples × tokens."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(3, SHAPES[shape][-1], (samples, tokens), generator=generator)


def arguments(text: str | None, **defaults: str | int) -> dict[str, str | int]:
    """What the command line says, the given defaults for the rest; `device` comes last."""
    parser = argparse.ArgumentParser(description=text)
    defaults |= {"device": "cuda" if torch.cuda.is_available() else "cpu"}
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    return vars(parser.parse_args())


def model_and_ids(shape: str, samples: int, tokens: int, device: str):
    """A random model on a device, bfloat16 on a GPU, and random token ids."""
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    return random_model(shape, dtype, device), random_ids(shape, samples, tokens)


def saved_model_and_ids(folder: Path, shape: str, samples: int, tokens: int) -> tuple[Path, Path]:
    """A random model and token ids as files in `folder`, as the entries take them."""
    files = folder / "m", folder / "ids.safetensors"
    random_model(shape).save_pretrained(files[0])
    save_file({"input_ids": random_ids(shape, samples, tokens)}, files[1])
    return files


def wait() -> None:
    """Until a GPU, where there is one, has done all that it was asked for."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def compare(ways: dict[str, Callable[[], object]], runs: int) -> dict[str, dict[str, float]]:
    """Time each way `runs` times, in turn, after one warm-up run each (none for a single run).

    Taking turns spreads over all of them what else the machine is doing; the processor's own
    seconds tell how much of it that was (with one thread they hardly feel it).

    Returns:
        Way → median, least and greatest seconds, the processor's median seconds, and the peak
        of memory above what was held before, in bytes (a GPU's where one is used).
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    peaks = dict.fromkeys(ways, 0)
    for run in range(-1 if runs > 1 else 0, runs):
        for name, way in ways.items():
            with Peak() as peak:
                started, began = time.perf_counter(), time.process_time()
                way()
                wait()
                elapsed, used = time.perf_counter() - started, time.process_time() - began
            if run >= 0:
                seconds[name].append(elapsed)
                busy[name].append(used)
                peaks[name] = max(peaks[name], peak.bytes)
    return {
        name: {
            "median_seconds": statistics.median(times),
            "least_seconds": min(times),
            "greatest_seconds": max(times),
            "median_processor_seconds": statistics.median(busy[name]),
            "peak_bytes": peaks[name],
        }
        for name, times in seconds.items()
    }


class Peak:
    """The peak of memory while open, above what was held when it was opened."""

    bytes = 0

    def __enter__(self) -> "Peak":
        """Begin to watch."""
        self.cuda = torch.cuda.is_available()
        self.before = self._held()
        if self.cuda:
            torch.cuda.reset_peak_memory_stats()
        else:
            self.stop = threading.Event()
            self.watcher = threading.Thread(target=self._watch, daemon=True)
            self.watcher.start()
        return self

    def __exit__(self, *_) -> None:
        """End; `bytes` is the result."""
        if self.cuda:
            self.bytes = torch.cuda.max_memory_allocated() - self.before
        else:
            self.stop.set()
            self.watcher.join()

    def _watch(self) -> None:
        while not self.stop.wait(0.01):
            self.bytes = max(self.bytes, self._held() - self.before)

    def _held(self) -> int:
        if self.cuda:
            return torch.cuda.memory_allocated()
        status = Path("/proc/self/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("RssAnon"))
        return int(line.split()[1]) * 1024


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = (line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
        cpu = next((v.strip() for k, v in lines if k.strip() == "model name"), cpu)
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "torch": torch.__version__,
    }


def report(
    name: str,
    parameters: dict[str, object],
    ways: dict[str, dict[str, float]],
    ours: str,
    aims: dict[str, float] | None = None,
    **further: object,
) -> None:
    """Write `results/NAME[-SHAPE].json` and print the table.

    Ratios are the other ways' times to ours; `aims` says what they should be at least.
    """
    for row in ways.values():
        for kind in ("seconds", "processor_seconds"):
            row[f"{kind}_to_ours"] = row[f"median_{kind}"] / ways[ours][f"median_{kind}"]
    result = {"name": name, "machine": machine(), "parameters": parameters, "ways": ways}
    result |= {"aims": aims or {}, **further}
    RESULTS.mkdir(exist_ok=True)
    shape = f"-{parameters['shape']}" if "shape" in parameters else ""
    (RESULTS / f"{name}{shape}.json").write_text(json.dumps(result, indent=2) + "\n")
    print(f"{name} ({', '.join(f'{key} {value}' for key, value in parameters.items())})")
    for way, row in ways.items():
        print(
            f"  {way:32} {row['median_seconds']:9.3f} s  {row['seconds_to_ours']:6.2f} × ours"
            f"  processor {row['processor_seconds_to_ours']:6.2f} × ours"
            f"  {row['peak_bytes'] / 2**20:8.0f} MiB"
        )
