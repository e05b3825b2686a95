"""RIA beside Wanda, and DLP beside OWL: one block with its calibration samples, all blocks' shares.

python benchmarks/ria.py [--shape 30m] [--samples 16] [--tokens 512] [--runs 5]
"""

from measure import arguments, compare, model_and_ids, report
from one_block import pruned_block

from fairprune.models.blocks import Blocks
from fairprune.models.walk import Walk
from fairprune.pruning.allocate import Model, allocate, block_shapes
from fairprune.pruning.method import resolve
from fairprune.pruning.statistics import Evidence
from fairprune.statistics.activations import dense_activations


def main() -> None:
    """Run all ways and write the results."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=512, runs=5)
    runs = options.pop("runs")
    model, ids = model_and_ids(**options)
    blocks = Blocks(model)
    walk = Walk(blocks, ids)
    hidden = walk.embed()
    methods = {name: resolve(name, sparsity="0.5") for name in ("ria", "wanda")}
    ways = {n: lambda m=method: pruned_block(walk, hidden, m) for n, method in methods.items()}
    report("ria", options, compare(ways, runs), "ria", {"wanda": 1 / 1.1})

    known = Evidence(dense=dense_activations(Walk(blocks, ids)))
    shapes = block_shapes(blocks)
    ways = {}
    for name in ("dlp", "owl"):
        method = resolve("wanda", sparsity="0.5", allocation=name)
        viewed = Model(shapes, blocks, method, known, ids)
        ways[name] = lambda viewed=viewed: allocate(viewed)
    report("dlp", options, compare(ways, runs), "dlp", {"owl": 1 / 1.1})


if __name__ == "__main__":
    main()
