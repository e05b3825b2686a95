"""Entry: write a pruned model as an ordinary Hugging Face folder."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Option

from fairprune import cli

FORM = "2of4: see also that each 4 weights hold 2 zeros."
RESULTS = "Results folder of its run, for figures in README.md; none: none."


def export_model(
    model: cli.ModelFolder,
    output: cli.OutputFolder,
    pruned: cli.PrunedFolder = None,
    form: Annotated[Literal["dense", "2of4"], Option("--format", help=FORM)] = "dense",
    results: Annotated[Path | None, Option(help=RESULTS)] = None,
    push: Annotated[str | None, Option(help="OWNER/NAME on the hub; none: stays here.")] = None,
    public: Annotated[bool, Option("--public", help="Pushed for everybody to see.")] = False,
) -> Path:
    """Write a pruned model as a folder that AutoModelForCausalLM.from_pretrained loads.

    Weights stay in the number type in which the model stores them, pruned ones are zeros;
    tokenizer and generation configuration come along. README.md says what it is. A token is taken
    from HF_TOKEN alone.

    Example: export_model.py --model m --pruned pruned/m/wanda/2of4 --format 2of4 --output out
    """
    from fairprune.publishing.step import export_model as step

    return step(model, output, pruned=pruned, form=form, results=results, push=push, public=public)


if __name__ == "__main__":
    cli.run(export_model)
