"""Entry: what the unpruned models write, to be looked at before anything is pruned."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune import cli


def show_dense(
    summaries: Annotated[list[Path], Option(help="Summaries of a dense model; repeated.")],
    quality: Annotated[list[Path], Option(help="Their quality (JSON), in the same order.")],
    output: cli.Output,
    inputs: Annotated[int, Option(min=1, max=10**5, help="Summaries to show of each.")] = 5,
) -> Path:
    """Write how many summaries are valid, what to change where too few are, and the first ones.

    Example: show_dense.py --summaries results/summaries/m/dense/none/0.00/tweets/test.jsonl
    --quality results/quality/m/dense/none/0.00/tweets.json --output results/dense.md
    """
    from fairprune.quality.dense import show_dense as step

    return step(summaries, quality, output, inputs=inputs)


if __name__ == "__main__":
    cli.run(show_dense)
