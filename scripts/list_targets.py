"""Entry: the targets of a part of a run."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import OutputText, run


def list_targets(
    config: Annotated[Path, Option(help="The configuration (YAML).")],
    models: Annotated[list[str] | None, Option("--model", help="Only these; none: all.")] = None,
    methods: Annotated[list[str] | None, Option("--method", help="Only these; none: all.")] = None,
    sparsities: Annotated[
        list[str] | None, Option("--sparsity", help="Only these (0.50, 2of4); none: all.")
    ] = None,
    without: Annotated[
        list[str] | None, Option("--without-model", help="All but these; none: all.")
    ] = None,
    output: OutputText = None,
) -> list[Path] | None:
    """Check a configuration and print the files that a run makes of the chosen variants.

    Example: snakemake --cores 2 $(python scripts/list_targets.py --config config/config.yaml
    --without-model llama-3-8b)
    """
    from fairprune.io.atomic import write_text
    from fairprune.workflow.configured import read_configured
    from fairprune.workflow.listing import list_targets as step

    found = step(read_configured(config), models, methods, sparsities, without)
    if output is None:
        return [Path(file) for file in found]
    write_text(output, "".join(f"{file}\n" for file in found))
    return [output]


if __name__ == "__main__":
    run(list_targets)
