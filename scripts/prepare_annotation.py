"""Entry: a blinded sheet on which people compare summaries."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import PLACE, Seed, run
from fairprune.cli_paths import FILE_AND_KEY, NOTHING_MORE

AGAINST = "Method that the other variants are compared with, too; repeatable."


def prepare_annotation(
    dense: Annotated[Path, Option(help="The dense model's summaries (JSONL: id, summary).")],
    summaries: Annotated[list[Path], Option(help="A variant's summaries; repeatable.")],
    task: Annotated[Path, Option(help="Task table, or JSONL: id, opinions, labels.")],
    key: Annotated[Path, Option(help="The key (JSON), out of annotators' sight."), NOTHING_MORE],
    output: Annotated[Path, PLACE, FILE_AND_KEY],
    against: Annotated[list[str] | None, Option(help=AGAINST)] = None,
    inputs: Annotated[int, Option(min=1, help="Inputs, the same ones for every variant.")] = 20,
    seed: Seed = 42,
) -> list[Path]:
    """Write a sheet (CSV): pairs of summaries, a variant's and another's, in random order.

    Example: prepare_annotation.py --dense dense.jsonl --summaries wanda.jsonl --task test.parquet
    --key key.json --output sheet.csv
    """
    from fairprune.human.sheets import prepare_annotation as step

    compared = against or []
    return step(dense, summaries, task, output, key=key, against=compared, inputs=inputs, seed=seed)


if __name__ == "__main__":
    run(prepare_annotation)
