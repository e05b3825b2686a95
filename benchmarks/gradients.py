"""Gradient norms: ours, one backward pass a sample, and the matrix products alone.

python benchmarks/gradients.py [--shape 30m] [--samples 16] [--tokens 128] [--runs 3]
"""

import torch
from measure import arguments, compare, model_and_ids, report

from fairprune.models.memory import ALL, Memory
from fairprune.models.whole import Blocks
from fairprune.statistics.batch_by_batch import opened
from fairprune.statistics.block_by_block import backward_block, forward_all
from fairprune.statistics.gradients import NORMS, samples_walk
from fairprune.statistics.loss import head_gradients


def by_block(model, ids, memory=ALL):
    """All samples through a block; each block's result leaves the device when it is done."""
    walk = samples_walk(Blocks(model, memory), ids)
    received, hidden = forward_all(walk)
    upstream, _ = head_gradients(walk, hidden, "full", 100.0)
    found = {}
    for index in reversed(range(len(walk))):
        upstream, norms = backward_block(walk, index, received[index], upstream, NORMS)
        found |= {key: norm.cpu() for key, norm in norms.items()}
    return found


def by_batch(model, ids):
    """Each batch through all blocks and back, as a CPU does where there is room."""
    walk = samples_walk(Blocks(model), ids)
    with opened(walk, NORMS) as passes:
        for number, x in enumerate(passes.hidden):
            passes.add(number, x, "full", 100.0)
        return [sums.result() for sums in passes.sums]


def one_by_one(model, ids):
    """One backward pass a sample; each gradient goes to the host in float32 and is added there."""
    layers = {
        name: layer
        for name, layer in model.named_modules()
        if isinstance(layer, torch.nn.Linear) and name != "lm_head"
    }
    for layer in layers.values():
        layer.weight.requires_grad_(True)
    found = {}
    for sample in ids.to(model.device):
        model.zero_grad()
        model(sample[None], labels=sample[None], use_cache=False).loss.backward()
        for name, layer in layers.items():
            gradient = 100.0 * layer.weight.grad.to("cpu", torch.float32)
            if f"l1.{name}" not in found:
                found[f"l1.{name}"] = torch.zeros_like(gradient)
                found[f"l2.{name}"] = torch.zeros_like(gradient)
            found[f"l1.{name}"] += gradient.abs()
            found[f"l2.{name}"] += gradient**2
    model.zero_grad()
    model.requires_grad_(False)
    return {key: norm.sqrt() if key.startswith("l2") else norm for key, norm in found.items()}


def products(model, ids):
    """The linear layers' products alone: forward, input gradients, each sample's own gradient."""
    samples, tokens = ids.shape
    batch = max(1, min(samples, (8192 if model.device.type == "cuda" else 4096) // tokens))
    inputs: dict[tuple[int, ...], torch.Tensor] = {}

    def values(*shape):
        if shape not in inputs:
            inputs[shape] = torch.randn(shape, dtype=model.dtype, device=model.device)
        return inputs[shape]

    for name, layer in model.named_modules():
        if not isinstance(layer, torch.nn.Linear):
            continue
        rows, columns = layer.weight.shape
        for _ in range(0, samples, batch):
            x, dy = values(batch * tokens, columns), values(batch * tokens, rows)
            x @ layer.weight.T
            dy @ layer.weight
            if name != "lm_head":
                for sample in range(batch):
                    part = slice(sample * tokens, (sample + 1) * tokens)
                    dy[part].T @ x[part]


def main() -> None:
    """Run all ways and write the result."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=128, runs=3)
    runs = options.pop("runs")
    model, ids = model_and_ids(**options)
    lean = Memory(device=6 * 10**9, host=0)
    a, b = by_block(model, ids), one_by_one(model, ids)
    error = max(((a[key] - b[key]).norm() / b[key].norm()).item() for key in a)
    del a, b
    ways = {
        "ours": lambda: (by_batch if model.device.type == "cpu" else by_block)(model, ids),
        "ours, block by block, nothing kept in memory": lambda: by_block(model, ids, lean),
        "one backward pass a sample": lambda: one_by_one(model, ids),
        "matrix products alone": lambda: products(model, ids),
    }
    ways = compare(ways, runs)
    aims = {"one backward pass a sample": 1.0, "matrix products alone": 1 / 1.2}
    report("gradients", options, ways, "ours", aims, greatest_relative_difference=error)


if __name__ == "__main__":
    main()
