"""SparseSwaps on one block's layers, 20 exchanges a row after Wanda, beside SparseGPT.

python benchmarks/sparseswaps.py [--shape 30m] [--samples 16] [--tokens 512] [--runs 3]
"""

from measure import arguments, compare, model_and_ids, report
from one_block import pruned_block

from fairprune.models.blocks import Blocks
from fairprune.models.walk import Walk
from fairprune.pruning.method import resolve

SWAPS = {"refinement": "sparseswaps", "options": {"refinement.max_swaps": 20}}


def main() -> None:
    """Run both ways and write the result."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=512, runs=3)
    runs = options.pop("runs")
    model, ids = model_and_ids(**options)
    walk = Walk(Blocks(model), ids)
    hidden = walk.embed()
    methods = {
        "ours": resolve("wanda", sparsity="0.5", **SWAPS),
        "sparsegpt": resolve("sparsegpt", sparsity="0.5"),
        "wanda alone": resolve("wanda", sparsity="0.5"),
    }
    ways = {n: lambda m=method: pruned_block(walk, hidden, m) for n, method in methods.items()}
    report("sparseswaps", options, compare(ways, runs), "ours", {"sparsegpt": 1 / 5})


if __name__ == "__main__":
    main()
