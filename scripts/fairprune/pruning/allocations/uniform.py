"""The same sparsity everywhere."""

from fairprune.pruning.declare import allocation


@allocation("uniform", source="control")
def uniform(model, sparsity, options):
    """Every layer gets the target."""
    return dict.fromkeys(model.layers, sparsity), {}
