"""What a summary job is given, opened once: tasks with their prompts, and what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fairprune.data.prompts import Prompt, find_prompt
from fairprune.data.styles import Style
from fairprune.data.tasks import Task, open_task
from fairprune.errors import FairpruneError
from fairprune.summaries.requests import Request, make_requests

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedTokenizerBase


@dataclass(frozen=True)
class Job:
    """One task to summarise: its inputs, its prompt, and where the summaries go."""

    task: Task
    prompt: Prompt
    prompt_name: str
    output: Path


def open_jobs(
    tasks: Sequence[Path], outputs: Sequence[Path], prompts: Sequence[str], config: Path | None
) -> list[Job]:
    """Tasks with their prompts and outputs.

    Args:
        tasks, outputs: as many of both.
        prompts: a prompt's name for each task, or one for all.
        config: configuration with further prompts.

    Raises:
        FairpruneError: numbers that do not fit, an output given twice, or a task or prompt that
            cannot be read.
    """
    if len(tasks) != len(outputs) or len(prompts) not in (1, len(tasks)):
        raise FairpruneError(
            f"{len(tasks)} --task, {len(outputs)} --output, {len(prompts)} --prompt: give as many "
            "outputs as tasks, and one prompt for all or one each"
        )
    if len({path.resolve() for path in outputs}) != len(outputs):
        raise FairpruneError("two --output are the same file: give each task its own")
    names = list(prompts) * (len(tasks) if len(prompts) == 1 else 1)
    found = [find_prompt(name, config) for name in names]
    return [
        Job(open_task(task), prompt, name, output)
        for task, prompt, name, output in zip(tasks, found, names, outputs, strict=True)
    ]


def requests_of(
    jobs: Sequence[Job],
    tokenizer: PreTrainedTokenizerBase,
    config: PretrainedConfig,
    *,
    style: Style,
    new: int,
    samples: int = 1,
) -> list[list[Request]]:
    """What is asked of the model for each job.

    Args:
        jobs: from `open_jobs`.
        tokenizer, config: the model's.
        style: how prompts are put to it.
        new: tokens a summary has at most.
        samples: summaries an input.

    Raises:
        FairpruneError: an input that leaves no room.
    """
    of = (style, tokenizer, config, new, samples)
    return [
        make_requests(str(job.task.source.path), job.task.inputs, job.prompt, *of) for job in jobs
    ]
