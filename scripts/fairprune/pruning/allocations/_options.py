"""Options that all allocations share."""

from fairprune.pruning.options import Option

RENORMALISE = Option(
    True, "shift unclipped targets until their parameter-weighted mean is the sparsity again"
)
SAMPLES = Option(8, "calibration samples of the search", low=1, high=100_000)
LAMBDA = Option(0.0, "the block step's λ; 0: it is searched for", low=0.0, high=0.5)
