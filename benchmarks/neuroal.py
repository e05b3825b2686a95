"""NeuroAL's two searches: ours, and each λ walked through the model alone.

python benchmarks/neuroal.py [--shape 30m] [--tokens 128] [--runs 1]
"""

from decimal import Decimal

import torch
from measure import arguments, compare, model_and_ids, report
from public_norms import plain_norms

from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.pruning import neuroal
from fairprune.pruning.allocate import Model, block_shapes
from fairprune.pruning.method import resolve
from fairprune.pruning.statistics import Evidence


def search(model, ids, kind):
    """Both steps, with one way to judge the candidates: the two λ chosen."""
    blocks = Blocks(model)
    method = resolve("wanda", sparsity="0.6", allocation="neuroal")
    judge = kind(Model(block_shapes(blocks), blocks, method, Evidence(), ids), len(ids))
    start = neuroal.block_step(judge, Decimal("0.6"), True)
    return start.chosen, neuroal.row_step(judge, start, True)[1]


class Alone(neuroal.Search):
    """Every candidate judged whole, one sample at a time, rows sorted in full."""

    def best(self, candidates):
        """The first candidate with the smallest change."""
        walk = Walk(self.model.open, self.model.ids, batch_size=1)
        judged = [self._judge(walk, shares) for shares in candidates]
        totals = [total for total, _ in judged]
        found = totals.index(min(totals))
        return found, judged[found][1]

    def _judge(self, walk, shares):
        hidden, total, change = walk.embed(), 0.0, {}
        for index, path in enumerate(walk.names):
            with walk.block(index) as block:
                layers = find_layers(path, block)
                self.called[index] = list(layers)
                before, _ = plain_norms(walk, index, block, layers, hidden)
                for name, layer in layers.items():
                    scores = layer.weight.float().abs() * before[name]
                    order = scores.sort(dim=1, stable=True).indices
                    pruned = _counts(shares[name], *scores.shape).to(order.device)
                    mask = torch.arange(scores.shape[1], device=order.device) < pruned[:, None]
                    layer.weight.masked_fill_(torch.zeros_like(mask).scatter_(1, order, mask), 0)
                after, hidden = plain_norms(walk, index, block, layers, hidden)
            for name in layers:
                a, b = before[name], after[name]
                change[name] = a - b
                total += float((a / a.sum() - b / b.sum()).norm()) / len(a)
        return total, change


def _counts(share, rows, columns):
    if isinstance(share, torch.Tensor):
        return columns - ((1 - share) * columns + 1e-9).floor().long()
    return torch.full((rows,), int(share * columns + 1e-9))


def main() -> None:
    """Run both ways and write the result."""
    options = arguments(__doc__, shape="30m", tokens=128, runs=1)
    runs = options.pop("runs")
    model, ids = model_and_ids(samples=8, **options)
    chosen = {}

    def way(kind):
        chosen[kind] = search(model, ids, kind)

    ways = {
        "ours": lambda: way(neuroal.Search),
        "each candidate alone": lambda: way(Alone),
    }
    ways = compare(ways, runs)
    assert chosen[neuroal.Search] == chosen[Alone], "another λ is chosen"
    aims = {"each candidate alone": 3.0}
    report("neuroal", options, ways, "ours", aims, chosen=chosen[Alone])


if __name__ == "__main__":
    main()
