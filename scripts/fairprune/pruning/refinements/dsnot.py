"""DSnoT: exchange pruned and kept weights of a row until its expected output is about right."""

from fairprune.pruning.declare import refinement
from fairprune.pruning.options import Option


@refinement(
    "dsnot",
    needs={"moments", "activations"},
    options={
        "max_cycles": Option(50, "exchanges in a row at most", low=0, high=1_000_000),
        "update_threshold": Option(0.1, "|e| at which a row is finished", low=0.0, high=1e9),
        "skip": Option("mlp", "layers left as they are", choices=("mlp", "attention", "none")),
    },
    source="Zhang et al., ICLR 2024 (arXiv:2310.08915)",
)
def dsnot(weight, mask, statistics, *, max_cycles, update_threshold):
    """Refine a row mask; no row's number of pruned weights changes.

    `e`, the pruned weights' expected share of a row's output, is brought towards 0: a pruned
    weight comes back that takes most off it (over the variance of its input), and a kept one
    goes that does so too, the least important by Wanda's score first. Both orders are fixed
    at the start. A row is finished when `|e|` is small enough or one of its lists has run out.

    Args:
        weight: out × in, float32.
        mask: out × in, True where pruned.
        statistics: the walk's activation norm, mean and variance are used.
        max_cycles: exchanges in a row at most.
        update_threshold: `|e|` at which a row is finished.
    """
    import torch

    effect = weight * statistics.mean
    gain = (effect / statistics.variance).nan_to_num_(nan=0.0)
    regrow, back = _ordered(gain, mask)
    wanda = weight.abs() * statistics.walked_norm
    prune = {sign: _ordered(wanda, ~mask & (effect.sign() == -sign)) for sign in (1, -1)}
    rows = torch.arange(len(mask), device=mask.device)
    front = torch.zeros_like(rows)  # next of the smallest gains; `back` is past the largest
    used = {1: torch.zeros_like(rows), -1: torch.zeros_like(rows)}
    error = (effect * mask).sum(dim=1)
    active = torch.ones_like(error, dtype=torch.bool)
    mask = mask.clone()
    for _ in range(max_cycles):
        positive = error > 0
        next_up, left_up = _next(prune[1], used[1])
        next_down, left_down = _next(prune[-1], used[-1])
        active &= (error.abs() > update_threshold) & (front < back)
        active &= torch.where(positive, left_up, left_down)
        if not active.any():
            break
        last = mask.shape[1] - 1
        come = regrow[rows, torch.where(positive, back - 1, front).clamp(0, last)]
        go = torch.where(positive, next_up, next_down)
        row, come, go = rows[active], come[active], go[active]
        mask[row, come] = False
        mask[row, go] = True
        error[row] += effect[row, go] - effect[row, come]
        back -= (active & positive).long()
        front += (active & ~positive).long()
        used[1] += (active & positive).long()
        used[-1] += (active & ~positive).long()
    return mask


def _ordered(values, members):
    """Each row's columns among `members` in ascending order of their values, and their number."""
    import math

    order = values.masked_fill(~members, math.inf).argsort(dim=1, stable=True)
    return order, members.sum(dim=1)


def _next(ordered, used):
    """Each row's next column of an order, and whether there is one."""
    order, number = ordered
    at = used.clamp(max=order.shape[1] - 1).unsqueeze(1)
    return order.gather(1, at).squeeze(1), used < number
