"""Entry: one split of a task from the user's files."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Ignored, Output, Seed, Texts, run


def prepare_task(
    inputs: Annotated[list[Path], Option("--input", help="File of inputs; may be repeated.")],
    split: Annotated[str, Option(help="train, calibration or test.")],
    output: Output,
    format_name: Annotated[str, Option("--format", help="Importer; auto: by ending.")] = "auto",
    columns: Annotated[Texts, Option(help="KEY=COLUMN: our field, their name.")] = None,
    labels: Annotated[Texts, Option(help="GROUP=VALUE of the file, or range (neg=1-2).")] = None,
    groups: Annotated[Texts, Option("--group", help="A label that may occur.")] = None,
    ignore: Ignored = None,
    group_by: Annotated[str | None, Option(help="Column of what an input is about.")] = None,
    encoding: Annotated[str | None, Option(help="Of the files (found by itself).")] = None,
    delimiter: Annotated[str | None, Option(help="Between cells (found by itself).")] = None,
    sheet: Annotated[str | None, Option(help="Of a spreadsheet (its only one).")] = None,
    limit: Annotated[int | None, Option(min=1, max=10**9, help="At most so many inputs.")] = None,
    per_input: Annotated[int | None, Option(min=2, max=10**4, help="Opinions each (auto).")] = None,
    per_mix: Annotated[int, Option(min=1, max=10**5, help="Inputs a mix of them at most.")] = 40,
    mixes: Annotated[Texts, Option("--grouped-mix", help="Mix, of single opinions.")] = None,
    reuse: Annotated[bool, Option(help="An opinion may stand in several inputs.")] = False,
    seed: Seed = 42,
) -> Path:
    """Write one split of a task (opinions, labels, mix, references) as Parquet.

    Example: prepare_task.py --input tweets.jsonl --split test --output tweets/test.parquet
    """
    from fairprune.data.groups import Grouping
    from fairprune.data.prepare import prepare_task as step
    from fairprune.io.table_files import Reading

    many = {"columns": columns, "labels": labels, "groups": groups, "ignore": ignore}
    one = {"split": split, "format_name": format_name, "limit": limit, "seed": seed}
    one |= {"group_by": group_by, "reading": Reading(encoding, delimiter, sheet)}
    grouping = Grouping(per_input, per_mix, mixes or (), reuse)
    listed = {name: given or [] for name, given in many.items()}
    return step(inputs, output, grouping=grouping, **one, **listed)


if __name__ == "__main__":
    run(prepare_task)
