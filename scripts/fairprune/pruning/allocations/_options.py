"""Options that all allocations share."""

from fairprune.pruning.options import Option

RENORMALISE = Option(
    True, "shift unclipped targets until their parameter-weighted mean is the sparsity again"
)
SAMPLES = Option(8, "calibration samples of the search", low=1, high=100_000)
