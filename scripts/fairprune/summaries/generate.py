"""Summaries of one or more tasks by one model or variant: open → check → generate → write."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fairprune.data.styles import style_for
from fairprune.io.cards import write_card
from fairprune.io.hashing import sha256_data
from fairprune.io.opened import Opened, open_input
from fairprune.io.tables import write_jsonl
from fairprune.io.together import afterwards
from fairprune.io.usage import seconds
from fairprune.io.versions import versions
from fairprune.models.room import rows_at_once
from fairprune.models.size import size_of
from fairprune.summaries.generation import Generator
from fairprune.summaries.inputs import Job, open_jobs, requests_of
from fairprune.summaries.partial import PartialFile
from fairprune.summaries.requests import Request, batches
from fairprune.summaries.settings import settings_for
from fairprune.values import DATE


def generate_summaries(
    model: Path,
    tasks: Sequence[Path],
    outputs: Sequence[Path],
    prompts: Sequence[str],
    *,
    pruned: Path | None = None,
    prompt_style: str = "plain",
    template: Sequence[str] | None = None,
    system: str | None = None,
    date: str = DATE,
    max_new_tokens: int = 128,
    batch_size: int | None = None,
    stop: Sequence[str] = (),
    generation: str = "settings",
    config: Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    seed: int = 42,
    **decoding: Any,
) -> list[Path]:
    """Write summaries of each task as JSON Lines, in the task's order, with a card.

    The model is loaded once. A run that was stopped goes on with the batches that are missing:
    batches depend on the task and their size alone, so the result is the same as in one run.

    Args:
        model: folder of a Hugging Face model.
        tasks: task tables (Parquet or JSON Lines).
        outputs: a JSON Lines file for each task.
        prompts: a prompt's name for each task, or one for all.
        pruned: folder made by prune_model.py, or None for the model as it is.
        prompt_style: plain, or chat for the tokenizer's chat template.
        template: KEY=VALUE arguments of the chat template.
        system: a system text in the chat template, if any.
        date: the day, YYYY-MM-DD, that a chat template is told.
        max_new_tokens: tokens a summary has at most.
        batch_size: inputs a batch; None: what memory bears.
        stop: texts at which a summary ends.
        generation: settings, as given; model, as the model's own file says.
        config: configuration with further prompts.
        device: auto, cpu or cuda.
        dtype: auto, float32, bfloat16 or float16.
        seed: root seed of what is drawn.
        decoding: fields of `Settings`.

    Raises:
        FairpruneError: a mistake in the arguments or the tasks, before the model is loaded.
    """
    jobs = open_jobs(tasks, outputs, prompts, config)

    from fairprune.models.folder import open_model
    from fairprune.models.loading import load_tokenizer
    from fairprune.pruning.variant import load_variant, open_pruned

    folder, variant = open_model(model), open_pruned(pruned) if pruned else None
    tokenizer = load_tokenizer(folder)
    style = style_for(tokenizer, prompt_style, date=date, template=template or (), system=system)
    settings = settings_for(generation, decoding, folder.path, max_new_tokens)
    parameters: dict[str, Any] = {
        **style.parameters,
        "max_new_tokens": max_new_tokens,
        "batch_size": batch_size,
        "stop": [text for text in stop if text],
        "generation": generation,
        **settings.parameters,
        "seed": seed if settings.sampling else None,
        "device": device,
        "dtype": dtype,
    }
    requests = requests_of(
        jobs,
        tokenizer,
        folder.config,
        style=style,
        new=max_new_tokens,
        samples=settings.samples,
    )
    sources: dict[str, Opened | None] = {
        "model": folder.source,
        "pruned": variant.source if variant else None,
        "config": open_input(config) if config else None,
    }
    partials = _partials(jobs, requests, sources, parameters)
    cost = partials[0].cost
    todo = zip(requests, partials, strict=True)
    if any({r.key for r in asked} - set(map(_key, made.rows)) for asked, made in todo):
        network = load_variant(folder, variant, device, dtype)
        cost, started = size_of(network, folder.config), seconds()
        options = {"stop": parameters["stop"], "seed": seed}
        generator = Generator(network, tokenizer, max_new_tokens, settings, **options)
        rows = (lambda _: batch_size) if batch_size else rows_at_once(network, folder.config)
        for job, requested, partial in zip(jobs, requests, partials, strict=True):
            missing = _missing(batches(requested, rows, max_new_tokens), partial)
            name = job.task.source.path.name
            with tqdm(total=sum(map(len, missing)), desc=name, unit="summary") as bar:
                for batch in missing:
                    partial.append(generator.generate(batch))
                    bar.update(len(batch))
        cost |= {"tokens": generator.tokens, "seconds": round(seconds() - started, 3)}
        for partial in partials:
            partial.end(cost)
    for job, partial in zip(jobs, partials, strict=True):
        _write(job, partial.rows, parameters | {"prompt": job.prompt_name}, sources, cost)
    for partial in partials:
        afterwards(partial.remove)
    return [job.output for job in jobs]


def _partials(
    jobs: Sequence[Job],
    requests: Sequence[Sequence[Request]],
    sources: Mapping[str, Opened | None],
    parameters: Mapping[str, Any],
) -> list[PartialFile]:
    """What a killed run of the same has written already."""
    digests = [source and source.digest for source in (sources["model"], sources["pruned"])]
    return [
        PartialFile(
            job.output,
            sha256_data([*digests, versions(), parameters, [[r.id, r.ids] for r in requested]]),
        )
        for job, requested in zip(jobs, requests, strict=True)
    ]


def _missing(whole: list[list[Request]], partial: PartialFile) -> list[list[Request]]:
    """The batches that are not done; what a batch cut short has left is dropped."""
    have = set(map(_key, partial.rows))
    missing = [batch for batch in whole if not all(request.key in have for request in batch)]
    again = {request.key for batch in missing for request in batch}
    partial.rows = [row for row in partial.rows if _key(row) not in again]
    return missing


def _key(row: Mapping[str, Any]) -> tuple[str, int]:
    return row["id"], row["sample"]


def _write(
    job: Job,
    rows: list[dict[str, Any]],
    parameters: Mapping[str, Any],
    sources: Mapping[str, Opened | None],
    cost: Mapping[str, float],
) -> None:
    found = {_key(row): row for row in rows}
    samples = range(parameters["samples"])
    ordered = [found[item.id, sample] for item in job.task.inputs for sample in samples]
    hidden = {"margin", *(() if len(samples) > 1 else ("sample",))}
    write_jsonl(job.output, [{k: v for k, v in row.items() if k not in hidden} for row in ordered])
    cut = sum(found[i.id, 0]["opinions_seen"] < len(i.opinions) for i in job.task.inputs)
    margins = [row["margin"] for row in ordered if row["margin"] is not None]
    figures = {
        "summaries": len(ordered),
        "finish": dict(sorted(Counter(row["finish"] for row in ordered).items())),
        "empty": sum(not row["summary"] for row in ordered),
        "inputs_with_dropped_opinions": cut,
        "longest_prompt_tokens": max(row["prompt_tokens"] for row in ordered),
        "smallest_margin": min(margins, default=None),
        "cost": dict(cost),  # of all tasks of this process together
    }
    write_card(
        job.output,
        stage="generate_summaries",
        files=[job.output],
        parameters=parameters,
        inputs={**sources, "task": job.task.source},
        figures=figures,
    )
