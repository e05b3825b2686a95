"""Entry: a calibration set, N windows of T tokens."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import DATE, ConfigFile, Date, ModelFolder, Output, PromptStyle, Seed, run


def prepare_calibration(
    model: ModelFolder,
    texts: Annotated[Path, Option(help="A task or plain text; see data/README.md.")],
    output: Output,
    prompt: Annotated[str, Option(help="Name of a prompt, or none.")] = "none",
    mix: Annotated[str, Option(help="Which opinions; see data/README.md.")] = "proportional",
    samples: Annotated[int, Option(min=1, max=10**5, help="Number of windows.")] = 128,
    length: Annotated[int, Option(min=2, max=10**6, help="Tokens per window.")] = 512,
    windows: Annotated[str, Option(help="joined, or longer: only texts longer than T.")] = "joined",
    groups: Annotated[list[str] | None, Option("--group", help="A group; default: all.")] = None,
    ignore: Annotated[list[str] | None, Option(help="A label that is no group.")] = None,
    prompt_style: PromptStyle = "plain",
    date: Date = DATE,
    fairness: Annotated[Path | None, Option(help="For *_equal_representation.")] = None,
    limit: Annotated[int | None, Option(min=1, help="Documents of plain text, at most.")] = None,
    config: ConfigFile = None,
    seed: Seed = 42,
) -> Path:
    """Write `input_ids` (samples × length, int64) from a task's opinions or from plain text.

    Example: prepare_calibration.py --model m --texts t.parquet --mix random --output c.safetensors
    """
    given = locals()
    from fairprune.data.calibration import prepare_calibration as step

    return step(**given)


if __name__ == "__main__":
    run(prepare_calibration)
