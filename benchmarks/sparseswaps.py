"""SparseSwaps on one block's layers, 20 exchanges a row after Wanda, beside SparseGPT.

python benchmarks/sparseswaps.py [--shape 30m] [--samples 16] [--tokens 512] [--runs 3]
"""

from measure import arguments, compare, model_and_ids, report

from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.pruning.block import prune_block
from fairprune.pruning.method import resolve
from fairprune.pruning.observation import observe, wanted_by
from fairprune.pruning.statistics import Evidence

SWAPS = {"refinement": "sparseswaps", "options": {"refinement.max_swaps": 20}}


def pruned(walk, hidden, name, **how):
    """One block, its calibration samples sent through it on the way."""
    method = resolve(name, sparsity="0.5", **how)
    with walk.block(0) as block:
        layers = find_layers(walk.names[0], block)
        observed, _ = observe(walk, 0, block, layers, hidden, wanted_by(method))
        prune_block(layers, method, dict.fromkeys(layers, 0.5), Evidence(), observed)


def main() -> None:
    """Run both ways and write the result."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=512, runs=3)
    runs = options.pop("runs")
    model, ids = model_and_ids(**options)
    walk = Walk(Blocks(model), ids)
    hidden = walk.embed()
    ways = {
        "ours": lambda: pruned(walk, hidden, "wanda", **SWAPS),
        "sparsegpt": lambda: pruned(walk, hidden, "sparsegpt"),
        "wanda alone": lambda: pruned(walk, hidden, "wanda"),
    }
    report("sparseswaps", options, compare(ways, runs), "ours", {"sparsegpt": 1 / 5})


if __name__ == "__main__":
    main()
