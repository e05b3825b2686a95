"""Entry: the quality of one set of summaries."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, Seed, run


def evaluate_quality(
    summaries: Annotated[Path, Option(help="JSONL: id, summary [, opinions_seen].")],
    task: Annotated[Path, Option(help="Task table, or JSONL: id, opinions, labels, references.")],
    output: Output,
    variant: Annotated[str | None, Option(help="Name of what wrote the summaries.")] = None,
    seed: Seed = 42,
) -> Path:
    """Measure summaries: ROUGE, compression, copying, position, distinct-2, length, validity.

    Example: evaluate_quality.py --summaries summaries.jsonl --task test.parquet
    --output quality.json
    """
    from fairprune.quality.step import evaluate_quality as step

    return step(summaries, task, output, variant=variant, seed=seed)


if __name__ == "__main__":
    run(evaluate_quality)
