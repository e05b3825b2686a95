"""Entry: write a pruned model as an ordinary Hugging Face folder."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Option

from fairprune import cli


def export_model(
    model: cli.ModelFolder,
    output: cli.OutputFolder,
    pruned: cli.PrunedFolder = None,
    form: Annotated[
        Literal["dense", "2of4"],
        Option("--format", help="2of4: see also that each 4 weights hold 2 zeros."),
    ] = "dense",
) -> Path:
    """Write a pruned model as a folder that AutoModelForCausalLM.from_pretrained loads.

    Weights stay in the number type in which the model stores them, pruned ones are zeros;
    tokenizer and generation configuration come along.

    Example: export_model.py --model m --pruned pruned/m/wanda/2of4 --format 2of4 --output out
    """
    from fairprune.pruning.export import export_model as step

    return step(model, pruned, output, form)


if __name__ == "__main__":
    cli.run(export_model)
