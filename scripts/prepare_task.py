"""Entry: one split of a task from the user's files."""

from pathlib import Path
from typing import Annotated, Any

from typer import Option

from fairprune.cli import Output, Seed, Texts, run
from fairprune.cli_groups import also, reading, understanding


@also(reading, understanding)
def prepare_task(
    inputs: Annotated[list[Path], Option("--input", help="File of inputs; may be repeated.")],
    split: Annotated[str, Option(help="train, calibration or test.")],
    output: Output,
    group_by: Annotated[str | None, Option(help="Column of what an input is about.")] = None,
    limit: Annotated[int | None, Option(min=1, max=10**9, help="At most so many inputs.")] = None,
    per_input: Annotated[int | None, Option(min=2, max=10**4, help="Opinions each (auto).")] = None,
    per_mix: Annotated[int, Option(min=1, max=10**5, help="Inputs a mix of them at most.")] = 40,
    mixes: Annotated[Texts, Option("--grouped-mix", help="Mix, of single opinions.")] = None,
    reuse: Annotated[bool, Option(help="An opinion may stand in several inputs.")] = False,
    seed: Seed = 42,
    **shared: Any,
) -> Path:
    """Write one split of a task (opinions, labels, mix, references) as Parquet.

    Example: prepare_task.py --input tweets.jsonl --split test --output tweets/test.parquet
    """
    from fairprune.data.groups import Grouping
    from fairprune.data.prepare import prepare_task as step

    given = {name: value for name, value in shared.items() if value is not None}
    given |= {"split": split, "group_by": group_by, "limit": limit, "seed": seed}
    grouping = Grouping(per_input, per_mix, mixes or (), reuse)
    return step(inputs, output, grouping=grouping, **given)


if __name__ == "__main__":
    run(prepare_task)
