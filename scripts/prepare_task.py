"""Entry: one split of a task from the user's files."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, Seed, run


def prepare_task(
    inputs: Annotated[list[Path], Option("--input", help="File of inputs; may be repeated.")],
    split: Annotated[str, Option(help="train, calibration or test.")],
    output: Output,
    format_name: Annotated[str, Option("--format", help="Importer; auto: by ending.")] = "auto",
    columns: Annotated[list[str] | None, Option(help="KEY=COLUMN: our field, their name.")] = None,
    groups: Annotated[list[str] | None, Option("--group", help="A label that may occur.")] = None,
    ignore: Annotated[list[str] | None, Option(help="A label that is no group (neutral).")] = None,
    limit: Annotated[int | None, Option(min=1, max=10**9, help="At most so many inputs.")] = None,
    per_input: Annotated[int, Option(min=2, max=10**4, help="Single opinions an input.")] = 20,
    per_mix: Annotated[int, Option(min=1, max=10**5, help="Inputs a mix of them.")] = 40,
    mixes: Annotated[
        list[str] | None, Option("--grouped-mix", help="Mix, of single opinions.")
    ] = None,
    seed: Seed = 42,
) -> Path:
    """Write one split of a task (opinions, labels, mix, references) as Parquet.

    Example: prepare_task.py --input tweets.jsonl --split test --output tweets/test.parquet
    """
    from fairprune.data.groups import Grouping
    from fairprune.data.prepare import prepare_task as step

    options = {"columns": columns or [], "groups": groups or [], "ignore": ignore or []}
    options |= {"split": split, "format_name": format_name, "limit": limit, "seed": seed}
    return step(inputs, output, grouping=Grouping(per_input, per_mix, mixes or ()), **options)


if __name__ == "__main__":
    run(prepare_task)
