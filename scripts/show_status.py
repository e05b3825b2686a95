"""Entry: what of a run is there, what is missing, and what is stale and why."""

from pathlib import Path
from typing import Annotated

from typer import Argument

from fairprune.cli import OutputText, run


def show_status(
    config: Annotated[Path, Argument(help="The configuration (YAML).")],
    output: OutputText = None,
) -> list[Path] | None:
    """Print a table of the stages, and the first stale files with the reason.

    Example: show_status.py config/demo.yaml
    """
    from fairprune.io.atomic import write_text
    from fairprune.workflow.status import show_status as step

    found = step(config)
    if output is None:
        print(found)
        return None
    write_text(output, f"{found}\n")
    return [output]


if __name__ == "__main__":
    run(show_status)
