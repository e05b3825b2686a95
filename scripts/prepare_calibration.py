"""Entry: a calibration set, N windows of T tokens."""

from pathlib import Path
from typing import Annotated, Any

from typer import Option

from fairprune.cli import ModelFolder, Output, Seed, run
from fairprune.cli_groups import also, continuing, prompting


@also(continuing, prompting)
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
    fairness: Annotated[Path | None, Option(help="For *_equal_representation.")] = None,
    limit: Annotated[int | None, Option(min=1, help="Documents of plain text, at most.")] = None,
    seed: Seed = 42,
    **shared: Any,
) -> Path:
    """Write `input_ids` (samples × length, int64) of opinions, plain text, or the model's own.

    Example: prepare_calibration.py --model m --texts t.parquet --mix random --output c.safetensors
    """
    given = locals()
    from fairprune.data.calibration import prepare_calibration as step

    return step(**given.pop("shared"), **given)


if __name__ == "__main__":
    run(prepare_calibration)
