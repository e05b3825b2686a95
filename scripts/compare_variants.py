"""Entry: variants of one model against the model itself, on one task."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, Seed, run

AGAINST = "Method that the others are compared with, too; repeatable."


def compare_variants(
    fairness: Annotated[list[Path], Option(help="Made by evaluate_fairness.py; repeatable.")],
    dense: Annotated[Path, Option(help="The same of the unpruned model.")],
    output: Output,
    margin: Annotated[float, Option(min=0, max=1, help="Share points a group may lose.")] = 0.10,
    margin_rate: Annotated[
        float, Option(min=0, max=1, help="The difference of BUR and AUC that is none.")
    ] = 0.10,
    primary: Annotated[str, Option(help="Metric of the primary result.")] = "uer_excess",
    against: Annotated[list[str] | None, Option(help=AGAINST)] = None,
    seed: Seed = 42,
) -> Path:
    """Test whether pruning changed fairness: difference, interval, p-value, verdict.

    Example: compare_variants.py --fairness wanda-0.5.json --fairness gblm-0.5.json
    --dense dense.json --output comparisons.parquet
    """
    from fairprune.fairness.compare_step import compare_variants as step

    margins = {"margin": margin, "margin_rate": margin_rate}
    return step(
        fairness, dense, output, **margins, primary=primary, against=against or [], seed=seed
    )


if __name__ == "__main__":
    run(compare_variants)
