"""Entry: summaries and language ability of a model or a pruned variant, in one process."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Device, DType, ModelFolder, PrunedFolder, run


def evaluate_variant(
    model: ModelFolder,
    summaries: Annotated[
        str, Option(help="In one word, further options of generate_summaries.py (--output, …).")
    ],
    language: Annotated[
        str, Option(help="In one word, further options of evaluate_language.py (--output, …).")
    ],
    pruned: PrunedFolder = None,
    device: Device = "auto",
    dtype: DType = "auto",
) -> list[Path]:
    """Write summaries and measure language ability, with the model loaded once.

    Example: evaluate_variant.py --model data/models/m
    --summaries "--task test.parquet --prompt tweets --output results/summaries/m/…/test.jsonl"
    --language "--corpus wikitext2=test.txt --output results/language/m/dense/none/0.00.json"
    """
    from fairprune.cli_command import called
    from fairprune.io.together import together

    same = ["--model", str(model), "--device", device, "--dtype", dtype]
    same += ["--pruned", str(pruned)] if pruned else []
    with together():
        written = called("generate_summaries", same, summaries)
        return [*written, called("evaluate_language", same, language)]


if __name__ == "__main__":
    run(evaluate_variant)
