"""The public scripts' way to activation norms, which several benchmarks compare with."""


def plain_norms(walk, index, block, layers, hidden):
    """Every layer sums its own inputs' squares while a block runs: norms, and what it gives."""
    sums = dict.fromkeys(layers, 0)

    def hook(name):
        def before(_, args):
            sums[name] = sums[name] + args[0].float().pow(2).sum((0, 1))

        return before

    handles = [layer.register_forward_pre_hook(hook(name)) for name, layer in layers.items()]
    out = walk.run(index, block, hidden)
    for handle in handles:
        handle.remove()
    samples = sum(len(x) for x in hidden)
    return {name: (total / samples).sqrt() for name, total in sums.items()}, out
