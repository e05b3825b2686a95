"""RIA beside Wanda, and DLP beside OWL: one block with its calibration samples, all blocks' shares.

python benchmarks/ria.py [--shape 30m] [--samples 16] [--tokens 512] [--runs 5]
"""

from measure import arguments, compare, model_and_ids, report

from fairprune.models.blocks import Blocks
from fairprune.models.layout import find_layers
from fairprune.models.walk import Walk
from fairprune.pruning.allocate import Model, allocate, block_shapes
from fairprune.pruning.block import prune_block
from fairprune.pruning.method import resolve
from fairprune.pruning.observation import observe, wanted_by
from fairprune.pruning.statistics import Evidence
from fairprune.statistics.activations import dense_activations


def pruned(name, walk, hidden):
    """One block by a score."""
    method = resolve(name, sparsity="0.5")
    with walk.block(0) as block:
        layers = find_layers(walk.names[0], block)
        observed, _ = observe(walk, 0, block, layers, hidden, wanted_by(method))
        prune_block(layers, method, dict.fromkeys(layers, 0.5), Evidence(), observed)


def main() -> None:
    """Run all ways and write the results."""
    options = arguments(__doc__, shape="30m", samples=16, tokens=512, runs=5)
    runs = options.pop("runs")
    model, ids = model_and_ids(**options)
    blocks = Blocks(model)
    walk = Walk(blocks, ids)
    hidden = walk.embed()
    ways = {name: lambda name=name: pruned(name, walk, hidden) for name in ("ria", "wanda")}
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
