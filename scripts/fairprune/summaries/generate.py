"""Summaries of one or more tasks by one model or variant: the step, and its files."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fairprune.data.prompts import Prompt, check_style, find_prompt
from fairprune.data.tasks import Opinions, read_task
from fairprune.errors import FairpruneError
from fairprune.io.cards import digest_of, versions, write_card
from fairprune.io.hashing import sha256_data
from fairprune.io.tables import write_jsonl
from fairprune.summaries.generation import Generator
from fairprune.summaries.partial import PartialFile
from fairprune.summaries.requests import Request, batches, make_requests
from fairprune.values import DATE


@dataclass(frozen=True)
class Job:
    """One task to summarise: its inputs, its prompt, and where the summaries go."""

    task: Path
    inputs: list[Opinions]
    prompt: Prompt
    prompt_name: str
    output: Path


def generate_summaries(
    model: Path,
    tasks: Sequence[Path],
    outputs: Sequence[Path],
    prompts: Sequence[str],
    *,
    pruned: Path | None = None,
    prompt_style: str = "plain",
    date: str = DATE,
    max_new_tokens: int = 128,
    batch_size: int = 8,
    stop: Sequence[str] = (),
    config: Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
) -> list[Path]:
    """Write greedy summaries of each task as JSON Lines, in the task's order, with a card.

    The model is loaded once. A run that was stopped goes on with the batches that are missing:
    batches depend on the task and their size alone, so the result is the same as in one run.

    Args:
        model: folder of a Hugging Face model.
        tasks: task tables (Parquet or JSON Lines).
        outputs: a JSON Lines file for each task.
        prompts: a prompt's name for each task, or one for all.
        pruned: folder made by prune_model.py, or None for the model as it is.
        prompt_style: plain, or chat for the tokenizer's chat template.
        date: the day, YYYY-MM-DD, that a chat template is told.
        max_new_tokens: tokens a summary has at most.
        batch_size: inputs a batch.
        stop: texts at which a summary ends.
        config: configuration with further prompts.
        device: auto, cpu or cuda.
        dtype: auto, float32, bfloat16 or float16.

    Raises:
        FairpruneError: a mistake in the arguments or the tasks, before the model is loaded.
    """
    jobs = _jobs(tasks, outputs, prompts, config)

    from fairprune.models.loading import load_config, load_model, load_tokenizer

    parameters: dict[str, Any] = {
        "prompt_style": prompt_style,
        "date": date if prompt_style == "chat" else None,
        "max_new_tokens": max_new_tokens,
        "batch_size": batch_size,
        "stop": [text for text in stop if text],
        "device": device,
        "dtype": dtype,
    }
    tokenizer, configuration = load_tokenizer(model), load_config(model)
    check_style(prompt_style, tokenizer)
    requests = [
        make_requests(
            str(job.task),
            job.inputs,
            job.prompt,
            prompt_style,
            tokenizer,
            configuration,
            max_new_tokens,
            date,
        )
        for job in jobs
    ]
    digests = [digest_of(model), pruned and digest_of(pruned), versions()]
    partials = [
        PartialFile(
            job.output, sha256_data([*digests, parameters, [[r.id, r.ids] for r in requested]])
        )
        for job, requested in zip(jobs, requests, strict=True)
    ]
    todo = [
        _missing(requested, partial, batch_size)
        for requested, partial in zip(requests, partials, strict=True)
    ]
    if any(todo):
        network = load_model(model, device=device, dtype=dtype, pruned=pruned)
        generator = Generator(network, tokenizer, max_new_tokens, parameters["stop"])
        for job, partial, missing in zip(jobs, partials, todo, strict=True):
            with tqdm(total=sum(map(len, missing)), desc=job.task.name, unit="summary") as bar:
                for batch in missing:
                    partial.append(generator.generate(batch))
                    bar.update(len(batch))
    for job, partial in zip(jobs, partials, strict=True):
        sources = {"model": model, "pruned": pruned, "task": job.task, "config": config}
        _write(job, partial.rows, parameters | {"prompt": job.prompt_name}, sources)
    for partial in partials:
        partial.remove()
    return [job.output for job in jobs]


def _jobs(
    tasks: Sequence[Path], outputs: Sequence[Path], prompts: Sequence[str], config: Path | None
) -> list[Job]:
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
        Job(task, read_task(task), prompt, name, output)
        for task, prompt, name, output in zip(tasks, found, names, outputs, strict=True)
    ]


def _missing(requests: list[Request], partial: PartialFile, size: int) -> list[list[Request]]:
    """The batches that are not done; what a batch cut short has left is dropped."""
    have = {row["id"] for row in partial.rows}
    missing = [b for b in batches(requests, size) if not all(r.id in have for r in b)]
    again = {request.id for batch in missing for request in batch}
    partial.rows = [row for row in partial.rows if row["id"] not in again]
    return missing


def _write(
    job: Job, rows: list[dict], parameters: dict[str, Any], sources: dict[str, Path | None]
) -> None:
    of_id = {row["id"]: row for row in rows}
    ordered = [of_id[item.id] for item in job.inputs]
    write_jsonl(job.output, [{k: v for k, v in row.items() if k != "margin"} for row in ordered])
    cut = sum(
        row["opinions_seen"] < len(item.opinions)
        for row, item in zip(ordered, job.inputs, strict=True)
    )
    figures = {
        "summaries": len(ordered),
        "finish": dict(sorted(Counter(row["finish"] for row in ordered).items())),
        "empty": sum(not row["summary"] for row in ordered),
        "inputs_with_dropped_opinions": cut,
        "longest_prompt_tokens": max(row["prompt_tokens"] for row in ordered),
        "smallest_margin": min(row["margin"] for row in ordered),
    }
    write_card(
        job.output,
        stage="generate_summaries",
        files=[job.output],
        parameters=parameters,
        inputs=sources,
        figures=figures,
    )
