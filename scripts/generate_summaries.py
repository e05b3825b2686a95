"""Entry: summaries of tasks by a model or a pruned variant."""

from pathlib import Path
from typing import Annotated, Any

from typer import Option

from fairprune import cli
from fairprune.cli_groups import also, decoding, prompting


@also(prompting, decoding)
def generate_summaries(
    model: cli.ModelFolder,
    tasks: Annotated[list[Path], Option("--task", help="A task (.parquet, .jsonl); repeated.")],
    prompts: Annotated[list[str], Option("--prompt", help="Prompt: one for all, or one a task.")],
    outputs: cli.Outputs,
    pruned: cli.PrunedFolder = None,
    max_new_tokens: Annotated[int, Option(min=1, max=10**5, help="Most tokens a summary.")] = 128,
    batch_size: cli.BatchSize = None,
    stop: Annotated[list[str] | None, Option(help="Text at which a summary ends.")] = None,
    device: cli.Device = "auto",
    dtype: cli.DType = "auto",
    **shared: Any,
) -> list[Path]:
    """Write summaries as JSON Lines: id, summary, prompt_tokens, opinions_seen, finish.

    Example: generate_summaries.py --model data/models/m --task test.parquet --prompt tweets
    --output results/summaries/m/dense/none/0.00/tweets/test.jsonl
    """
    from fairprune.summaries.generate import generate_summaries as step

    shared |= {"max_new_tokens": max_new_tokens, "batch_size": batch_size, "stop": stop or []}
    shared |= {"pruned": pruned, "device": device, "dtype": dtype}
    return step(model, tasks, outputs, prompts, **shared)


if __name__ == "__main__":
    cli.run(generate_summaries)
