"""Entry: a finished run against published perplexities."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import OutputText, run


def compare_published(
    results: Annotated[Path, Option(help="Results folder of a run.")],
    published: Annotated[Path, Option(help="Table of figures, conditions and tolerances (YAML).")],
    output: OutputText = None,
) -> Path | None:
    """Print what a paper published beside what a run measured, and which figures are off.

    Figures that are off are a finding, not an error: it fails where a result is missing, or was
    measured under other conditions than the published one.

    Example: compare_published.py --results results/published
    --published data/published/llama-2-7b.yaml
    """
    from fairprune.io.atomic import shown
    from fairprune.report.reproduced import compare_published as step

    return shown(step(results, published), output)


if __name__ == "__main__":
    run(compare_published)
