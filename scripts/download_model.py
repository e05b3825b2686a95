"""Entry: a model from the Hugging Face hub, or links to a local one."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import PLACE, run
from fairprune.cli_paths import FOLDER_OF_LINKS


def download_model(
    model_id: Annotated[
        str, Option(help="Id on the hub (OWNER/NAME), or a local folder or GGUF file.")
    ],
    output: Annotated[Path, PLACE, FOLDER_OF_LINKS],
    revision: Annotated[str, Option(help="Commit (40 hex digits), or branch or tag.")] = "main",
    file: Annotated[str | None, Option(help="The GGUF file, where there are several.")] = None,
) -> Path:
    """Download a model (safetensors, JSON, tokenizer), or link a local one, with a card.

    A token is taken from HF_TOKEN alone. HF_HUB_OFFLINE=1 takes what the hub's cache holds.

    Example: download_model.py --model-id TinyLlama/TinyLlama-1.1B-Chat-v1.0
    --revision fe8a4ea1ffedaf415f4da2f062534de366a451e6 --output data/models/tinyllama
    """
    from fairprune.models.download import download_model as step

    return step(model_id, revision, output, file)


if __name__ == "__main__":
    run(download_model)
