"""Entry: what variants of one model got on each item of bias tasks, against the model itself."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, Seed, Texts, run

METRIC = "TASK/METRIC=higher, =lower or =IDEAL, and where not 0 to 1 :LOW:HIGH; repeatable."


def compare_items(
    language: Annotated[list[Path], Option(help="Made by evaluate_language.py; repeatable.")],
    dense: Annotated[Path, Option(help="The same of the unpruned model.")],
    output: Output,
    metrics: Annotated[Texts, Option("--metric", help=METRIC)] = None,
    margin: Annotated[float, Option(min=0, max=1, help="The difference that is none.")] = 0.10,
    seed: Seed = 42,
) -> Path:
    """Test whether pruning changed bias, item by item: McNemar, flips, newly biased, verdict.

    What is good is known of crows_pairs_local and bbq_local; of other tasks --metric says it.

    Example: compare_items.py --language wanda-0.5.json --dense dense.json
    --metric my_task/acc=higher --output bias.parquet
    """
    from fairprune.bias.step import compare_items as step

    return step(language, dense, output, metrics=metrics or [], margin=margin, seed=seed)


if __name__ == "__main__":
    run(compare_items)
