"""Entry: summaries and language ability of a model or a pruned variant, in one process."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Device, DType, ModelFolder, PrunedFolder, run


def evaluate_variant(
    model: ModelFolder,
    summaries: Annotated[str, Option(help="Options of generate_summaries.py, in one word.")],
    language: Annotated[str, Option(help="Options of evaluate_language.py, in one word.")],
    output: Annotated[Path, Option(help="JSON file of language ability.")],
    pruned: PrunedFolder = None,
    device: Device = "auto",
    dtype: DType = "auto",
) -> list[Path]:
    """Write summaries and measure language ability, with the model loaded once.

    Example: evaluate_variant.py --model data/models/m
    --summaries "--task test.parquet --prompt tweets --output results/summaries/m/…/test.jsonl"
    --language "--corpus wikitext2=test.txt" --output results/language/m/dense/none/0.00.json
    """
    from fairprune.cli_command import called
    from fairprune.io.ownership import Target, refuse_foreign
    from fairprune.io.together import together

    refuse_foreign(Target(output, (output,)), "evaluate_language")
    same = ["--model", str(model), "--device", device, "--dtype", dtype]
    same += ["--pruned", str(pruned)] if pruned else []
    with together():
        written = called("generate_summaries", same, summaries)
        measured = called("evaluate_language", [*same, "--output", str(output)], language)
    return [*written, measured]


if __name__ == "__main__":
    run(evaluate_variant)
