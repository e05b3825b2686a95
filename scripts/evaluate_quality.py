"""Entry: the quality of one set of summaries."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Device, OutputAndTable, Seed, run


def evaluate_quality(
    summaries: Annotated[Path, Option(help="JSONL: id, summary [, opinions_seen].")],
    task: Annotated[Path, Option(help="Task table, or JSONL: id, opinions, labels, references.")],
    output: OutputAndTable,
    variant: Annotated[str | None, Option(help="Name of what wrote the summaries.")] = None,
    bertscore: Annotated[str | None, Option(help="Encoder: a folder, or a hub id.")] = None,
    bertscore_revision: Annotated[str, Option(help="The hub encoder's commit.")] = "",
    bertscore_layer: Annotated[int, Option(min=-1, help="Layer number; -1: the last.")] = -1,
    language: Annotated[str | None, Option(help="ISO 639 code (default: by script.)")] = None,
    device: Device = "auto",
    seed: Seed = 42,
) -> Path:
    """Measure summaries: ROUGE, BERTScore, copying, position, distinct-2, length, validity.

    Example: evaluate_quality.py --summaries summaries.jsonl --task test.parquet
    --output quality.json
    """
    from fairprune.quality.bertscore import BertScore
    from fairprune.quality.step import evaluate_quality as step

    encoder = None
    if bertscore is not None:
        encoder = BertScore(bertscore, bertscore_revision, bertscore_layer, device)
    return step(
        summaries, task, output, variant=variant, bertscore=encoder, language=language, seed=seed
    )


if __name__ == "__main__":
    run(evaluate_quality)
