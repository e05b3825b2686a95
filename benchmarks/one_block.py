"""One block of a model, pruned as the engine does it, and layer by layer in the plain way."""

from fairprune.models.layout import find_layers
from fairprune.pruning.block import prune_block
from fairprune.pruning.observation import observe, wanted_by
from fairprune.pruning.statistics import Evidence


def pruned_block(walk, hidden, method):
    """The first block's layers at half, its calibration samples sent through it on the way."""
    with walk.block(0) as block:
        layers = find_layers(walk.names[0], block)
        observed, _ = observe(walk, 0, block, layers, hidden, wanted_by(method))
        return prune_block(layers, method, dict.fromkeys(layers, 0.5), Evidence(), observed)


def plain_layers(walk, hidden, prune, index=0):
    """A block's layers, each by `prune(weight, gram)`, a matrix a layer of its own."""
    with walk.block(index) as block:
        layers = find_layers(walk.names[index], block)
        grams = dict.fromkeys(layers, 0)

        def hook(name):
            def before(_, args):
                rows = args[0].reshape(-1, args[0].shape[-1]).float()
                grams[name] = grams[name] + rows.T @ rows

            return before

        handles = [layer.register_forward_pre_hook(hook(name)) for name, layer in layers.items()]
        walk.run(index, block, hidden)
        for handle in handles:
            handle.remove()
        return {n: prune(layer.weight.float(), grams[n]) for n, layer in layers.items()}
