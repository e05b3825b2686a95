"""Entry: perplexity and zero-shot tasks of a model or a pruned variant."""

from pathlib import Path
from typing import Annotated, Any

from typer import Option

from fairprune.cli import PLACE, ModelFolder, PrunedFolder, Texts, run
from fairprune.cli_groups import also, measuring_tasks
from fairprune.cli_paths import FILE_AND_ITEMS

CORPUS = "NAME=FILE: plain text, or the column `text` of rows (.jsonl, .json.gz, .parquet)."
LIMIT = "NAME=N: of a corpus only the first N documents."


@also(measuring_tasks)
def evaluate_language(
    model: ModelFolder,
    output: Annotated[Path, PLACE, FILE_AND_ITEMS],
    pruned: PrunedFolder = None,
    corpora: Annotated[Texts, Option("--corpus", help=CORPUS)] = None,
    limits: Annotated[Texts, Option("--limit", help=LIMIT)] = None,
    window: Annotated[int, Option(help="Tokens per window, at most the model's context.")] = 2048,
    **shared: Any,
) -> Path:
    """Measure language ability: perplexity in windows of a stated length, zero-shot tasks.

    What a model got on each item of tasks stands in a Parquet file beside the output.

    Example: evaluate_language.py --model data/models/m --corpus wikitext2=test.txt
    --window 2048 --output results/language/m/dense/none/0.00.json
    """
    from fairprune.language.evaluate import evaluate_language as step

    asked = {"pruned": pruned, "corpora": corpora, "limits": limits, **shared}
    return step(model, output, window=window, **{k: v for k, v in asked.items() if v is not None})


if __name__ == "__main__":
    run(evaluate_language)
