"""NeuroAL's two steps: candidates, and the search that judges them.

Cunegatti et al., 2024 (arXiv:2411.07066). A candidate says how much of each layer, or row, is
pruned; it is judged by how much the relative activation norms of all layers change when each
block is pruned on the way. The change grows from block to block, so the candidate that is
least changed so far is always taken on by one block, and the first one through is the best:
none of the others can come below it. The outcome is that of judging every candidate whole.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import torch
from torch import nn

from fairprune.models.layout import find_layers
from fairprune.models.walk import Batches, Walk
from fairprune.present import present
from fairprune.pruning.allocate import HIGHEST, LOWEST, Model, clip, clipped, spread_about
from fairprune.pruning.block import Share, prune_block
from fairprune.pruning.observation import Observed, Wanted, observe, wanted_by
from fairprune.pruning.readers import readers
from fairprune.statistics.products import fast_layers

STEPS = (0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.12, 0.15, 0.2, 0.25)
LATE = 0.8  # from this sparsity on the block step leaves the last λ out

Change = dict[str, torch.Tensor]
"""Layer → `a − a′`, the activation norm before and after the block is pruned."""


@dataclass(frozen=True)
class BlockStep:
    """Shares of the blocks, the λ chosen, and the winner's change."""

    shares: list[float]
    chosen: float
    change: Change


class Candidate:
    """One way to prune, and how far it was judged."""

    def __init__(self, shares: Mapping[str, Share], hidden: Batches) -> None:
        """Not judged yet."""
        self.shares = shares
        self.hidden = hidden
        self.change: Change = {}
        self.blocks = 0


class Search:
    """Judges candidates on the first calibration samples."""

    def __init__(self, model: Model, samples: int) -> None:
        """A search over the blocks of `model` on its first `samples` samples."""
        self.model = model
        self.walk = Walk(model.open, present(model.ids)[:samples])
        self.method = model.method.base  # judged alone, by the activations of the walk
        self.wanted = wanted_by(self.method).also("activations")
        self.evidence = replace(model.evidence, scored_dense=False)
        self.called: list[list[str]] = [[] for _ in model.blocks]  # layers in order
        self._first: Observed | None = None

    def best(self, candidates: Sequence[Mapping[str, Share]]) -> tuple[int, Change]:
        """The number of the least changed candidate, the first of equals, and its change."""
        start = self.walk.embed()
        tried = [Candidate(shares, start) for shares in candidates]
        queue = [(0.0, number) for number in range(len(tried))]
        self._first = None
        while True:
            changed, number = heapq.heappop(queue)
            candidate = tried[number]
            if candidate.blocks == len(self.walk):
                self.walk.refuse_shared_state()
                return number, {name: change.cpu() for name, change in candidate.change.items()}
            heapq.heappush(queue, (changed + self._advance(candidate), number))

    def _advance(self, candidate: Candidate) -> float:
        """Take a candidate through one more block; how much that changes."""
        index, walk = candidate.blocks, self.walk
        with walk.block(index) as block:
            layers = find_layers(walk.names[index], block)
            with fast_layers(layers):
                before = self._before(index, block, layers, candidate)
                prune_block(layers, self.method, candidate.shares, self.evidence, before)
                after, candidate.hidden = observe(
                    walk,
                    index,
                    block,
                    layers,
                    candidate.hidden,
                    Wanted(frozenset({"activations"})),
                    outputs=index + 1 < len(walk),
                )
        candidate.blocks += 1
        terms = []
        for name in layers:
            a, b = present(before.norm(name)), present(after.norm(name))
            candidate.change[name] = a - b
            apart = (a / a.sum() - b / b.sum()).double()  # its norm sums one after the other
            terms.append(torch.linalg.vector_norm(apart) / len(a))
        return float(torch.stack(terms).sum())

    def _before(
        self, index: int, block: nn.Module, layers: dict[str, nn.Linear], candidate: Candidate
    ) -> Observed:
        """The unpruned pass; all candidates have the same one through the first block."""
        if index == 0 and self._first is not None:
            return self._first
        before, _ = observe(self.walk, index, block, layers, candidate.hidden, self.wanted)
        self.called[index] = list(before.leaders)
        if index == 0 and "gram" not in self.wanted.kinds:  # which is handed over once
            self._first = before
        return before


def block_step(
    search: Search, sparsity: Decimal, renormalise: bool, given: float | None = None
) -> BlockStep:
    """Find how much more early blocks keep.

    Args:
        search: judges.
        sparsity: target of the model.
        renormalise: keep the mean of clipped shares at the target.
        given: λ, where it is not to be searched for.
    """
    steps: tuple[float, ...] = STEPS[:-1] if float(sparsity) >= LATE else STEPS
    steps = steps if given is None else (given,)
    sizes = search.model.sizes()
    number = torch.arange(len(sizes), dtype=torch.float64)
    shares = []
    for step in steps:
        kept = spread_about(number, 1 - float(sparsity), step).sort(descending=True).values
        shares.append(clip((1 - kept).tolist(), sizes, sparsity, renormalise))
    best, change = search.best([search.model.spread(s) for s in shares])
    return BlockStep(shares[best], steps[best], change)


def row_step(search: Search, start: BlockStep, renormalise: bool) -> tuple[dict[str, Share], float]:
    """Find how much more rows keep whose reader lost more; every layer's shares, and λ.

    Layers that have no reader, a reader that lost nothing, or one with another number of
    columns than their rows (grouped-query `k`, `v`), keep their block's share in every row.
    """
    model = search.model
    block = model.spread(start.shares)
    reader = readers(search.called)
    even: dict[str, Share] = {}
    lost: dict[str, torch.Tensor] = {}
    for layer, (rows, _) in model.layers.items():
        change = start.change.get(reader.get(layer, ""))
        if change is not None and len(change) == rows and change.sum() != 0:
            lost[layer] = change.double()
        else:
            even[layer] = torch.full((rows,), block[layer], dtype=torch.float64)
    steps = (0.0, *STEPS)
    candidates = [
        even | {layer: row_shares(d, block[layer], step, renormalise) for layer, d in lost.items()}
        for step in steps
    ]
    best, _ = search.best(candidates)
    return candidates[best], steps[best]


def row_shares(lost: torch.Tensor, share: float, step: float, renormalise: bool) -> torch.Tensor:
    """One layer's sparsity a row, float64, the mean at the layer's own."""
    shares = 1 - spread_about(lost, 1 - share, step)
    sizes = torch.ones_like(shares)
    return clipped(shares, sizes, share, renormalise, LOWEST, HIGHEST)
