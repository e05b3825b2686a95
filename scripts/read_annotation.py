"""Entry: what people found who compared summaries."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, Seed, run


def read_annotation(
    sheet: Annotated[list[Path], Option(help="A filled sheet, ANNOTATOR.csv (.xlsx); repeatable.")],
    key: Annotated[Path, Option(help="The key that prepare_annotation.py wrote beside it.")],
    output: Output,
    seed: Seed = 42,
) -> Path:
    """Write win rates against the dense model with intervals, and Krippendorff's alpha.

    Example: read_annotation.py --sheet anna.csv --sheet ben.csv --key key.json
    --output results.json
    """
    from fairprune.human.results import read_annotation as step

    return step(sheet, key, output, seed=seed)


if __name__ == "__main__":
    run(read_annotation)
