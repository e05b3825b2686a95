"""Entry: the fairness of one set of summaries."""

from pathlib import Path
from typing import Annotated, Any

from typer import Option

from fairprune.cli import Device, Ignored, OutputAndTable, Seed, Texts, run

NAMES = "tokens, classifier, nearest, … (default: tokens, and classifier with --train)."


def evaluate_fairness(
    summaries: Annotated[Path, Option(help="JSONL: id, summary [, opinions_seen].")],
    task: Annotated[Path, Option(help="Task table, or JSONL: id, opinions, labels.")],
    output: OutputAndTable,
    train: Annotated[list[Path] | None, Option(help="Labelled inputs outside --task.")] = None,
    attribution: Annotated[Texts, Option(help=NAMES)] = None,
    pair: Annotated[str | None, Option(help="Groups A,B of SPD (default: the two.)")] = None,
    tau: Annotated[float, Option(min=0, max=1, help="Share of p that q must reach (BUR).")] = 0.8,
    ignore: Ignored = None,
    option: Annotated[Texts, Option(help="PART.NAME=VALUE, as tokens.source_share=true.")] = None,
    language: Annotated[str | None, Option(help="ISO 639 code (default: by script.)")] = None,
    variant: Annotated[str | None, Option(help="Name of what wrote the summaries.")] = None,
    device: Device = "auto",
    seed: Seed = 42,
) -> Path:
    """Measure how fair summaries are to the groups whose opinions they sum up.

    Example: evaluate_fairness.py --summaries s.jsonl --task test.parquet --output fairness.json
    """
    from fairprune.fairness.step import evaluate_fairness as step

    about: dict[str, Any] = {"pair": pair, "tau": tau, "language": language, "variant": variant}
    about |= {"train": train or [], "attributions": attribution or [], "ignore": ignore or []}
    return step(summaries, task, output, options=option or [], device=device, seed=seed, **about)


if __name__ == "__main__":
    run(evaluate_fairness)
