"""Entry: perplexity and zero-shot tasks of a model or a pruned variant."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Device, DType, ModelFolder, Output, PrunedFolder, run

CORPUS = "NAME=FILE: plain text, or the column `text` of rows (.jsonl, .json.gz, .parquet)."
LIMIT = "NAME=N: of a corpus only the first N documents."


def evaluate_language(
    model: ModelFolder,
    output: Output,
    pruned: PrunedFolder = None,
    corpora: Annotated[list[str] | None, Option("--corpus", help=CORPUS)] = None,
    limits: Annotated[list[str] | None, Option("--limit", help=LIMIT)] = None,
    window: Annotated[int, Option(help="Tokens per window, at most the model's context.")] = 2048,
    tasks: Annotated[list[str] | None, Option("--zero-shot", help="Task of lm-eval.")] = None,
    include_path: Annotated[Path | None, Option(help="Folder of further tasks (YAML).")] = None,
    device: Device = "auto",
    dtype: DType = "auto",
) -> Path:
    """Measure language ability: perplexity in windows of a stated length, zero-shot tasks.

    Example: evaluate_language.py --model data/models/m --corpus wikitext2=test.txt
    --window 2048 --output results/language/m/dense/none/0.00.json
    """
    from fairprune.language.evaluate import evaluate_language as step

    many = {"corpora": corpora or [], "limits": limits or [], "tasks": tasks or []}
    options = {"device": device, "dtype": dtype, "include_path": include_path, "window": window}
    return step(model, output, pruned=pruned, **many, **options)


if __name__ == "__main__":
    run(evaluate_language)
