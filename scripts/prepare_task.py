"""Entry: one split of a task from the user's files."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, Seed, run

Texts = list[str] | None


def prepare_task(
    inputs: Annotated[list[Path], Option("--input", help="File of inputs; may be repeated.")],
    split: Annotated[str, Option(help="train, calibration or test.")],
    output: Output,
    format_name: Annotated[str, Option("--format", help="Importer; auto: by ending.")] = "auto",
    columns: Annotated[Texts, Option(help="KEY=COLUMN: our field, their name.")] = None,
    groups: Annotated[Texts, Option("--group", help="A label that may occur.")] = None,
    ignore: Annotated[Texts, Option(help="A label that is no group (neutral).")] = None,
    limit: Annotated[int | None, Option(min=1, help="At most so many inputs.")] = None,
    per_input: Annotated[int, Option(min=2, help="Opinions an input, of single opinions.")] = 20,
    per_mix: Annotated[int, Option(min=1, help="Inputs a mix, of single opinions.")] = 40,
    mixes: Annotated[Texts, Option("--grouped-mix", help="Mix, of single opinions.")] = None,
    seed: Seed = 42,
) -> Path:
    """Write one split of a task (opinions, labels, mix, references) as Parquet.

    Example: prepare_task.py --input reviews.jsonl --split test --columns references=gold_summary
    --output results/tasks/reviews/test.parquet
    """
    from fairprune.data.groups import Grouping
    from fairprune.data.prepare import prepare_task as step

    options = {"columns": columns or [], "groups": groups or [], "ignore": ignore or []}
    options |= {"format_name": format_name, "limit": limit, "seed": seed}
    grouping = Grouping(per_input, per_mix, tuple(mixes or ()))
    return step(inputs, output, split=split, grouping=grouping, **options)


if __name__ == "__main__":
    run(prepare_task)
