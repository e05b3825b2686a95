"""Plain formulations that the fast ones are compared with: loops and stable sorts."""

import math
from fractions import Fraction

import torch


def lowest(values: list[float], pruned: int) -> set[int]:
    """The indices of the `pruned` lowest finite values, lower index first among equals."""
    finite = [i for i, value in enumerate(values) if math.isfinite(value)]
    return set(sorted(finite, key=lambda i: values[i])[: max(pruned, 0)])


def row_mask(scores: torch.Tensor, share: str) -> torch.Tensor:
    pruned = math.floor(Fraction(share) * scores.shape[1])
    return _from_sets([lowest(row, pruned) for row in scores.tolist()], scores.shape)


def layer_mask(scores: torch.Tensor, share: str) -> torch.Tensor:
    pruned = math.floor(Fraction(share) * scores.numel())
    chosen = lowest(scores.flatten().tolist(), pruned)
    return _from_sets([chosen], (1, scores.numel())).view(scores.shape)


def pattern_mask(scores: torch.Tensor, kept: int, run: int) -> torch.Tensor:
    runs = scores.reshape(-1, run)
    return _from_sets([lowest(r, run - kept) for r in runs.tolist()], runs.shape).view(scores.shape)


def per_row_mask(scores: torch.Tensor, shares: list[str]) -> torch.Tensor:
    columns = scores.shape[1]
    pruned = [columns - math.floor((1 - Fraction(share)) * columns) for share in shares]
    rows = [lowest(row, k) for row, k in zip(scores.tolist(), pruned, strict=True)]
    return _from_sets(rows, scores.shape)


def adaptive_mask(scores: torch.Tensor, alpha: float) -> torch.Tensor:
    """In each row, what stays within α of the row's sum (float32), and what equals the last."""
    mask = torch.zeros_like(scores, dtype=torch.bool)
    for number, row in enumerate(scores):
        ordered, limit = row.sort().values, row.sum() * alpha
        running, last = torch.tensor(0.0), None
        for value in ordered:
            running = running + value
            if running > limit:
                break
            last = value
        if last is not None:
            mask[number] = row <= last
    return mask


def _from_sets(rows: list[set[int]], shape: tuple[int, int]) -> torch.Tensor:
    mask = torch.zeros(shape, dtype=torch.bool)
    for number, chosen in enumerate(rows):
        mask[number, sorted(chosen)] = True
    return mask


def sparsegpt(weight, hessian, share=None, pattern=None, block=128, damping=0.01):
    """Column by column in float64, each error taken to all later columns at once."""
    w, h = weight.double().clone(), hessian.double().clone()
    dead = h.diagonal() == 0
    h.diagonal()[dead] = 1
    w[:, dead] = 0
    h.diagonal().add_(damping * h.diagonal().mean())
    u = torch.linalg.cholesky(torch.linalg.inv(h), upper=True)
    mask = torch.zeros_like(w, dtype=torch.bool)
    kept, run = pattern or (0, 0)
    for column in range(w.shape[1]):
        if pattern is None and column % block == 0:
            now = slice(column, column + block)
            scores = (w[:, now] / u.diagonal()[now]) ** 2
            cut = scores.flatten().sort().values[int(Fraction(str(share)) * scores.numel())]
            mask[:, now] = scores <= cut
        if pattern and column % run == 0:
            now = slice(column, column + run)
            mask[:, now] = pattern_mask((w[:, now] / u.diagonal()[now]) ** 2, kept, run)
        error = w[:, column] * mask[:, column] / u[column, column]
        w[:, column:] -= error[:, None] * u[column, column:]
        w[mask[:, column], column] = 0
    return w, mask


def dsnot(weight, mask, a, mean, variance, cycles=50, threshold=0.1):
    """Row by row, exchange by exchange, with Python's lists."""
    mask = mask.clone()
    for row in range(len(weight)):
        w, pruned = weight[row].double(), mask[row].nonzero().flatten().tolist()
        kept = (~mask[row]).nonzero().flatten().tolist()
        effect = w * mean
        gain = (effect / variance).tolist()
        wanda = (w.abs() * a).tolist()
        regrow = sorted(pruned, key=lambda j: gain[j])
        kept.sort(key=lambda j: wanda[j])
        negative = [j for j in kept if effect[j] < 0]
        positive = [j for j in kept if effect[j] > 0]
        error = float(effect[mask[row]].sum())
        for _ in range(cycles):
            goes = negative if error > 0 else positive
            if abs(error) <= threshold or not regrow or not goes:
                break
            come = regrow.pop() if error > 0 else regrow.pop(0)
            go = goes.pop(0)
            mask[row, come], mask[row, go] = False, True
            error += float(effect[go] - effect[come])
    return mask


def admm(weight, gram, share, pattern=None, iterations=20, rho=1.0, schedule="fixed"):
    """As it is written down, in float64: B, Q, and masks from Python's sorts."""
    w, g = weight.double(), gram.double().clone()
    dead = g.diagonal() == 0
    d = g.diagonal().sqrt() + 1e-8
    v = (w * d).T
    g = g / (d[:, None] * d)
    g += 0.1 * g.diagonal().mean() * torch.eye(len(g), dtype=torch.float64)
    b, q = g @ v, torch.linalg.inv(g + rho * torch.eye(len(g), dtype=torch.float64))
    u = torch.zeros_like(v)
    last = min(15, iterations)
    for t in range(1, iterations + 1):
        if t <= last:
            part = 1 - (1 - Fraction(t, 15)) ** 3 if t < last else Fraction(1)
            scores = (v + u).T.abs()
            scores[:, dead] = -1
            mask = _admm_mask(scores, share, pattern, part, schedule)
        z = (v + u) * ~mask.T
        u = u + v - z
        v = q @ (b + rho * (z - u))
    z = (v + u) * ~mask.T
    return z.T / d, mask


def _admm_mask(scores, share, pattern, part, schedule):
    if pattern is None:
        part = Fraction(1) if schedule == "fixed" else part
        pruned = math.floor(Fraction(share) * part * scores.numel())
        chosen = lowest(scores.flatten().tolist(), pruned)
    else:
        kept, run = pattern
        prunable = pattern_mask(scores, kept, run).flatten()
        pruned = math.floor((1 - Fraction(kept, run)) * part * scores.numel())
        values = scores.flatten().masked_fill(~prunable, math.inf)
        chosen = lowest(values.tolist(), pruned)
    return _from_sets([chosen], (1, scores.numel())).view(scores.shape)


def sparseswaps(weight, mask, gram, run, swaps=100):
    """Every pair of every row, the best one first, in float64; the masks after each exchange."""
    w, g, mask = weight.double(), gram.double(), mask.clone()
    for row in range(len(w)):
        for _ in range(swaps):
            r = w[row] * mask[row]
            before = float(r @ g @ r)
            best = None
            for u in (~mask[row]).nonzero().flatten().tolist():
                start = u // run * run
                for p in range(start, start + run):
                    if mask[row, p]:
                        new = r.clone()
                        new[u], new[p] = w[row, u], 0
                        change = float(new @ g @ new) - before
                        if best is None or change < best[0] - 1e-9 * before:
                            best = change, u, p
            if best is None or best[0] >= -1e-6 * before:
                break
            mask[row, best[1]], mask[row, best[2]] = True, False
    return mask
