"""DSnoT: exchange pruned and kept weights of a row until its expected output is about right."""

from fairprune.pruning.declare import refinement
from fairprune.pruning.options import Option

LOOK = 8  # exchanges between two looks at whether any row goes on: each waits for a GPU


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
    error = (effect * mask).sum(dim=1)
    used = {sign: torch.zeros_like(back) for sign in (1, -1)}  # exchanges of each direction
    active = torch.ones_like(error, dtype=torch.bool)
    mask, last = mask.clone(), mask.shape[1] - 1
    for cycle in range(max_cycles):
        positive = error > 0
        next_up, left_up = _next(prune[1], used[1])
        next_down, left_down = _next(prune[-1], used[-1])
        active &= (error.abs() > update_threshold) & (used[-1] < back - used[1])
        active &= torch.where(positive, left_up, left_down)
        if cycle % LOOK == 0 and not active.any():
            break
        come = torch.where(positive, back - used[1] - 1, used[-1]).clamp_(0, last)
        come = regrow.gather(1, come.unsqueeze(1))
        go = torch.where(positive, next_up, next_down).unsqueeze(1)
        changed = active.unsqueeze(1)  # rows that are finished stay as they are
        mask.scatter_(1, come, mask.gather(1, come) & ~changed)
        mask.scatter_(1, go, mask.gather(1, go) | changed)
        difference = effect.gather(1, go) - effect.gather(1, come)
        error += difference.masked_fill_(~changed, 0).squeeze(1)
        used[1] += active & positive
        used[-1] += active & ~positive
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
