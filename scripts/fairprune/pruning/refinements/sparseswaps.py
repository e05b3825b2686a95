"""SparseSwaps: exchange a kept and a pruned weight of a row as long as its outputs gain by it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fairprune.pruning.declare import refinement
from fairprune.pruning.options import Option

if TYPE_CHECKING:
    import torch

TOLERANCE = 1e-6  # of a row's error: what an exchange must take off it at least
ROUNDING = 1e-5  # of a row's largest term: by how much rounding can spoil a bound
FEW = 8  # kept weights that are looked at first
# Rows that are searched together, and numbers of a batch of sums: what a CPU's cache can hold.
ROWS = {"cpu": 128, "cuda": 8192}
BATCH = {"cpu": 2**18, "cuda": 2**27}


@refinement(
    "sparseswaps",
    needs={"gram"},
    groups=("row", "N:M"),
    options={"max_swaps": Option(100, "exchanges in a row at most", low=0, high=1_000_000)},
    source="Zimmer et al., 2025 (arXiv:2512.10922)",
)
def sparseswaps(weight, mask, statistics, *, run, max_swaps):
    """Exchange the best pair of each row, again and again; its count of pruned weights stays.

    A row's squared error is r G r, with `r` its pruned weights and G the Gram matrix of the
    inputs. With c = G r, exchanging a kept weight u for a pruned p changes it by
    `a_u + b_p − 2 w_u w_p G_up`, where `a_u = w_u² G_uu + 2 w_u c_u` and
    `b_p = w_p² G_pp − 2 w_p c_p`. The lowest of all pairs is taken, of equal ones that in the
    lowest columns, u before p. A row is finished when none takes a millionth off its error.

    Args:
        weight: out × in, float32.
        mask: out × in, True where pruned.
        statistics: the Gram matrix is used.
        run: consecutive columns inside which weights are exchanged.
        max_swaps: exchanges in a row at most.

    Returns:
        The new mask.
    """
    import torch

    gram, rows = statistics.gram, ROWS[weight.device.type]
    find = _Everywhere(gram) if run == weight.shape[1] else _Inside(gram, run)
    parts = zip(weight.split(rows), mask.split(rows), strict=True)
    return torch.cat([_exchanged(w, m, gram, find, max_swaps) for w, m in parts])


def _exchanged(weight, mask, gram, find, most):
    """The masks of a few rows after their exchanges."""
    import torch

    done, mask = mask.clone(), mask.clone()
    rows = torch.arange(len(mask), device=mask.device)  # those that are not finished
    squares = weight.square() * gram.diagonal()
    cross = (weight * mask) @ gram  # c
    for _ in range(most):
        double = 2 * weight * cross
        change, kept, pruned = find(
            weight,
            (squares + double).masked_fill_(mask, math.inf),
            (squares - double).masked_fill_(~mask, math.inf),
            ROUNDING * (squares.amax(1) + double.abs().amax(1)),
        )
        error = (double * mask).sum(1) / 2
        better = change < -TOLERANCE * error.clamp(min=0)
        going = better.nonzero().squeeze(1)  # a GPU is waited for here and in `find` alone
        if len(going) < len(rows):
            rows, kept, pruned = rows[going], kept[going], pruned[going]
            weight, mask, squares, cross = (x[going] for x in (weight, mask, squares, cross))
        if not len(rows):
            break
        at = torch.arange(len(rows), device=rows.device)
        cross += weight[at, kept].unsqueeze(1) * gram.index_select(0, kept)
        cross -= weight[at, pruned].unsqueeze(1) * gram.index_select(0, pruned)
        mask[at, kept], mask[at, pruned] = True, False
        done[rows, kept], done[rows, pruned] = True, False
    return done


class _Everywhere:
    """The best exchange of whole rows, found without adding up every pair.

    With ρ_j the largest correlation of input j with any other, |G_up| ≤ ρ √(G_uu G_pp) for the
    ρ of either, and so `2 |w_u w_p G_up| ≤ ρ_u w_u² G_uu + ρ_p w_p² G_pp`: a sum for each weight
    bounds what it gains with its best partner. A few with the lowest bounds give a pair; those
    with a bound below that pair are looked at, all others are ruled out.
    """

    def __init__(self, gram: torch.Tensor) -> None:
        """Of inputs with this Gram matrix, in × in."""
        self.gram = gram
        norms = gram.diagonal().sqrt().clamp(min=1e-30)
        self.correlation = (gram / norms).abs_().fill_diagonal_(0).amax(1).div_(norms).clamp(max=1)

    def __call__(
        self, weight: torch.Tensor, a: torch.Tensor, b: torch.Tensor, rounding: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Each row's lowest change, the kept weight and the pruned one.

        Args:
            weight: rows × in.
            a, b: what each kept, and each pruned, weight changes by itself; infinite for others.
            rounding: of each row, by how much bounds may be off.
        """
        import torch

        change = torch.full_like(a, math.inf)
        shared = weight.square() * self.gram.diagonal() * self.correlation
        bound = (a - shared) + (b - shared).amin(1, keepdim=True)
        few = bound.topk(min(FEW, a.shape[1]), largest=False).indices
        rows = torch.arange(len(a), device=a.device)
        self._look(weight, a, b, rows.repeat_interleave(few.shape[1]), few.flatten(), change)
        bound.scatter_(1, few, math.inf)
        best = (change.amin(1) + rounding).clamp(max=torch.finfo(a.dtype).max)
        near, kept = (bound <= best.unsqueeze(1)).nonzero().T
        self._look(weight, a, b, near, kept, change)
        change, kept = change.min(1)
        return change, kept, self._with_all(weight, b, rows, kept).argmin(1)

    def _look(
        self,
        weight: torch.Tensor,
        a: torch.Tensor,
        b: torch.Tensor,
        rows: torch.Tensor,
        kept: torch.Tensor,
        change: torch.Tensor,
    ) -> None:
        """Put what `kept` of `rows` change with their best partners into `change`."""
        size = max(1, BATCH[weight.device.type] // weight.shape[1])
        for r, u in zip(rows.split(size), kept.split(size), strict=True):
            change[r, u] = a[r, u] + self._with_all(weight, b, r, u).amin(1)

    def _with_all(
        self, weight: torch.Tensor, b: torch.Tensor, rows: torch.Tensor, kept: torch.Tensor
    ) -> torch.Tensor:
        """What pairs of kept weights and every other one change beside a_u: pairs × in."""
        import torch

        scaled = weight.index_select(0, rows).mul_(-2 * weight[rows, kept].unsqueeze(1))
        return torch.addcmul(b.index_select(0, rows), scaled, self.gram.index_select(0, kept))


class _Inside:
    """The best exchange inside runs of a few columns: every pair is added up."""

    def __init__(self, gram: torch.Tensor, run: int) -> None:
        """Of inputs with this Gram matrix, in × in, of which `run` stand together."""
        self.run = run
        blocks = gram.unfold(0, run, run).unfold(1, run, run)
        self.blocks = blocks.diagonal().permute(2, 0, 1).contiguous()  # runs × run × run

    def __call__(
        self, weight: torch.Tensor, a: torch.Tensor, b: torch.Tensor, rounding: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """See `_Everywhere`."""
        weight, a, b = (x.reshape(len(x), -1, self.run) for x in (weight, a, b))
        pairs = self.blocks * (-2 * weight.unsqueeze(3)) * weight.unsqueeze(2)
        pairs += a.unsqueeze(3)
        pairs += b.unsqueeze(2)
        change, place = pairs.flatten(1).min(1)
        first = place // self.run**2 * self.run
        return change, first + place % self.run**2 // self.run, first + place % self.run
