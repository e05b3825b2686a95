"""Entry: perplexity and zero-shot tasks of a model or a pruned variant."""

from pathlib import Path
from typing import Annotated, Any

from fairprune.cli import PLACE, ModelFolder, PrunedFolder, run
from fairprune.cli_groups import also, measuring_tasks, measuring_texts
from fairprune.cli_paths import FILE_AND_ITEMS


@also(measuring_texts, measuring_tasks)
def evaluate_language(
    model: ModelFolder,
    output: Annotated[Path, PLACE, FILE_AND_ITEMS],
    pruned: PrunedFolder = None,
    **shared: Any,
) -> Path:
    """Measure language ability: perplexity in windows of a stated length, zero-shot tasks.

    What a model got on each item of tasks stands in a Parquet file beside the output.

    Example: evaluate_language.py --model data/models/m --corpus wikitext2=test.txt
    --window 2048 --output results/language/m/dense/none/0.00.json
    """
    from fairprune.language.evaluate import evaluate_language as step

    asked = {name: value for name, value in shared.items() if value is not None}
    return step(model, output, pruned=pruned, **asked)


if __name__ == "__main__":
    run(evaluate_language)
