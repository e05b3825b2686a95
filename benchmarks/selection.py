"""Masks from scores: ours, and stable sorts of everything.

python benchmarks/selection.py [--size 4096] [--runs 5]
"""

import torch
from measure import arguments, compare, report

from fairprune.pruning.select import select


def sorted_rows(scores):
    """A stable sort of each row; the lower half is pruned."""
    order = scores.sort(dim=1, stable=True).indices[:, : scores.shape[1] // 2]
    return torch.zeros_like(scores, dtype=torch.bool).scatter_(1, order, True)


def sorted_layer(scores):
    """A stable sort of the whole matrix; the lower half is pruned."""
    order = scores.flatten().sort(stable=True).indices[: scores.numel() // 2]
    mask = torch.zeros(scores.numel(), dtype=torch.bool, device=scores.device)
    return mask.scatter_(0, order, True).view_as(scores)


def column_groups(scores):
    """A loop over groups of four columns, each sorted."""
    mask = torch.zeros_like(scores, dtype=torch.bool)
    for start in range(0, scores.shape[1], 4):
        group = scores[:, start : start + 4]
        mask.scatter_(1, start + group.sort(dim=1, stable=True).indices[:, :2], True)
    return mask


AIMS = {"row": 3.0, "layer": 5.0, "N:M": 5.0}
PLAIN = {"row": sorted_rows, "layer": sorted_layer, "N:M": column_groups}


def main() -> None:
    """Run every group, on plain random scores and on scores full of ties."""
    options = arguments(__doc__, size=4096, runs=5)
    runs, size = options.pop("runs"), options["size"]
    torch.manual_seed(0)
    random = torch.randn(size, size, device=options["device"]).abs()
    for kind, scores in {"": random, "-ties": random.half().float()}.items():
        for group, plain in PLAIN.items():

            def ours(scores=scores, group=group):
                return select(scores, 0.5, group, "layer", pattern="2:4").mask

            assert torch.equal(ours(), plain(scores))
            ways = {"ours": ours, "stable sorts": lambda plain=plain, s=scores: plain(s)}
            name = f"selection-{group.replace(':', 'of').lower()}{kind}"
            report(name, options, compare(ways, runs), "ours", {"stable sorts": AIMS[group]})


if __name__ == "__main__":
    main()
