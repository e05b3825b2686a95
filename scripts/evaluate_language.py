"""Entry: perplexity and zero-shot tasks of a model or a pruned variant."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Option

from fairprune.cli import Device, DType, ModelFolder, Output, PrunedFolder, run

CORPUS = "NAME=FILE: plain text, or the column `text` of rows (.jsonl, .json.gz, .parquet)."
LIMIT = "NAME=N: of a corpus only the first N documents."
BEGINNING = "Windows that get the beginning token a tokenizer puts; first: as published."


def evaluate_language(
    model: ModelFolder,
    output: Output,
    pruned: PrunedFolder = None,
    corpora: Annotated[list[str] | None, Option("--corpus", help=CORPUS)] = None,
    limits: Annotated[list[str] | None, Option("--limit", help=LIMIT)] = None,
    window: Annotated[int, Option(help="Tokens per window, at most the model's context.")] = 2048,
    beginning: Annotated[Literal["every", "first"], Option(help=BEGINNING)] = "every",
    tasks: Annotated[list[str] | None, Option("--zero-shot", help="Task of lm-eval.")] = None,
    include_path: Annotated[Path | None, Option(help="Folder of further tasks (YAML).")] = None,
    device: Device = "auto",
    dtype: DType = "auto",
) -> Path:
    """Measure language ability: perplexity in windows of a stated length, zero-shot tasks.

    Example: evaluate_language.py --model data/models/m --corpus wikitext2=test.txt
    --window 2048 --output results/language/m/dense/none/0.00.json
    """
    given = {name: value for name, value in locals().items() if value is not None}
    from fairprune.language.evaluate import evaluate_language as step

    return step(**given)


if __name__ == "__main__":
    run(evaluate_language)
