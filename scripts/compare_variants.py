"""Entry: variants of one model against the model itself, on one task."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, Seed, run


def compare_variants(
    fairness: Annotated[list[Path], Option(help="Made by evaluate_fairness.py; repeatable.")],
    dense: Annotated[Path, Option(help="The same of the unpruned model.")],
    output: Output,
    margin: Annotated[float, Option(min=0, max=1, help="Difference that is 'equivalent'.")] = 0.05,
    seed: Seed = 42,
) -> Path:
    """Test whether pruning changed fairness: difference, interval, p-value, verdict.

    Example: compare_variants.py --fairness wanda-0.5.json --fairness gblm-0.5.json
    --dense dense.json --output comparisons.parquet
    """
    from fairprune.fairness.compare_step import compare_variants as step

    return step(fairness, dense, output, margin=margin, seed=seed)


if __name__ == "__main__":
    run(compare_variants)
