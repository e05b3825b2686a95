"""Entry: what to compare of two runs."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import OutputText, run


def fingerprint(
    results: Annotated[Path, Option(help="Results folder of a run.")],
    output: OutputText = None,
) -> Path | None:
    """Print SHA-256 of every result, stage by stage: equal on two machines, or where they part.

    Example: fingerprint.py --results results/demo > here.txt; diff here.txt there.txt
    """
    from fairprune.io.atomic import shown
    from fairprune.io.fingerprint import fingerprint as step

    return shown(step(results), output)


if __name__ == "__main__":
    run(fingerprint)
