"""Entry: a compressed model of somebody's, as a variant."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune import cli
from fairprune.cli_paths import FOLDER_OF_LINKS


def inspect_compressed(
    model: cli.ModelFolder,
    compressed: Annotated[Path, Option(help="A folder of safetensors, or a GGUF file.")],
    output: Annotated[Path, cli.PLACE, FOLDER_OF_LINKS],
    device: cli.Device = "auto",
    dtype: cli.DType = "auto",
) -> Path:
    """Make a variant of a compressed model: links to its files, and what it really is, as a card.

    It has to give the token ids of the model that it was made from. The card says what share of
    each layer's weights are zeros, bits a weight, and bytes on disk. Later steps take it as
    --pruned.

    Example: inspect_compressed.py --model m --compressed m-awq --output pruned/m/awq/none/given
    """
    from fairprune.pruning.inspection import inspect_compressed as step

    return step(model, compressed, output, device, dtype)


if __name__ == "__main__":
    cli.run(inspect_compressed)
