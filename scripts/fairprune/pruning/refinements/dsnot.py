"""DSnoT: exchange pruned and kept weights of a row until its output is about right."""

from fairprune.pruning.declare import refinement
from fairprune.pruning.options import Option


@refinement(
    "dsnot",
    needs={"moments", "activations"},
    options={
        "max_cycles": Option(50, "exchanges in a row at most", low=0, high=1_000_000),
        "update_threshold": Option(0.1, "|e| at which a row is finished", low=0.0, high=1e9),
        "skip": Option("mlp", "layers left as they are", choices=("mlp", "attention", "none")),
    },
    source="Zhang et al., ICLR 2024 (arXiv:2310.08915)",
)
def dsnot(weight, mask, statistics, **options):
    """Filled in below."""
    raise NotImplementedError
