"""Language ability of one model or variant: the step, and its file."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fairprune.data.prompts import check_ids
from fairprune.errors import FairpruneError
from fairprune.io.apart import apart
from fairprune.io.cards import write_card
from fairprune.io.places import items_file
from fairprune.io.tables import write_json
from fairprune.io.usage import seconds
from fairprune.io.variants import name_in
from fairprune.language.corpora import parse_corpus, parse_limits, read_corpus
from fairprune.language.items import write_items
from fairprune.language.local_tasks import parse_data
from fairprune.language.perplexity import perplexity
from fairprune.language.task_files import data_files, task_files
from fairprune.language.windows import EVERY, beginning_token, check_way, cut, window_length
from fairprune.models.context import context_length
from fairprune.models.size import size_of


def evaluate_language(
    model: Path,
    output: Path,
    *,
    pruned: Path | None = None,
    corpora: Sequence[str] = (),
    limits: Sequence[str] = (),
    window: int = 2048,
    beginning: str = EVERY,
    tasks: Sequence[str] = (),
    include_path: Path | None = None,
    functions: Sequence[Path] = (),
    data: Sequence[str] = (),
    device: str = "auto",
    dtype: str = "auto",
) -> Path:
    """Measure perplexities and zero-shot tasks, and write them as JSON with a card.

    Of tasks also what the model got on each item, as Parquet beside the JSON (`items_file`).

    Args:
        model: folder of a Hugging Face model.
        output: the JSON file.
        pruned: folder made by prune_model.py, or None for the model as it is.
        corpora: `NAME=FILE` each.
        limits: `NAME=N` each: of that corpus at most N documents.
        window: tokens per window; lowered to the model's context, or to a shorter corpus.
        beginning: windows that begin with the beginning token, where the tokenizer puts one: every,
            or first (the first alone, as published); see `windows.cut`.
        tasks: names of lm-eval tasks.
        include_path: folder of further lm-eval tasks (YAML).
        functions: Python files whose functions those may call.
        data: `NAME=FILE` each: what a task of this project reads.
        device: auto, cpu or cuda.
        dtype: auto, float32, bfloat16 or float16.

    Raises:
        FairpruneError: nothing to measure, or an input that cannot be used.
    """
    if not (corpora or tasks):
        raise FairpruneError("nothing to measure: give --corpus NAME=FILE or --zero-shot NAME")
    texts = _read_corpora(corpora, limits)
    window_length(window, None)
    check_way(beginning)
    read, chosen = parse_data(data, tasks), None
    if tasks:
        from fairprune.language.zero_shot import find_tasks

        chosen = find_tasks(tasks, include_path, functions, read)

    from fairprune.models.folder import open_model
    from fairprune.models.loading import load_tokenizer
    from fairprune.pruning.variant import load_variant, open_pruned

    folder, variant = open_model(model), open_pruned(pruned) if pruned else None
    tokenizer, context = load_tokenizer(folder), context_length(folder.config)
    ids = {name: _tokens(text, tokenizer, folder.config) for name, (_, text) in texts.items()}
    begin, length = beginning_token(tokenizer), window_length(window, context)
    windows = {name: cut(tokens, length, begin, beginning) for name, tokens in ids.items()}
    network = load_variant(folder, variant, device, dtype)
    cost, started = size_of(network, folder.config), seconds()
    found: dict[str, Any] = {
        "variant": name_in(output, "language"),
        "perplexity": [
            {"corpus": name, **asdict(perplexity(network, windows[name], name))} for name in texts
        ],
        "zero_shot": [],
    }
    if windows:
        cost["tokens"] = sum(w.ids.numel() for w in windows.values())
        cost["seconds"] = round(seconds() - started, 3)
    files = [output]
    if chosen:
        from fairprune.language.zero_shot import zero_shot

        found["zero_shot"], items = zero_shot(network, tokenizer, chosen)
        files.append(items_file(output))
        write_items(files[-1], items)
    write_json(output, found)
    write_card(
        output,
        stage="evaluate_language",
        files=files,
        parameters={
            "corpora": list(texts),
            "limits": list(limits),
            "window": window,
            "beginning": beginning,
            "context": context,
            "zero_shot": list(tasks),
            "device": device,
            "dtype": dtype,
        },
        inputs={
            "model": folder.source,
            "pruned": variant.source if variant else None,
            **{f"corpus {name}": path for name, (path, _) in texts.items()},
            **{f"data {n} of {name}": f for name in read for n, f in enumerate(read[name])},
            **_task_inputs(include_path, functions),
        },
        figures={
            **{f"perplexity {p['corpus']}": p["perplexity"] for p in found["perplexity"]},
            "cost": cost,
        },
    )
    return output


def _read_corpora(corpora: Sequence[str], limits: Sequence[str]) -> dict[str, tuple[Path, str]]:
    paths: dict[str, Path] = {}
    for name, path in map(parse_corpus, corpora):
        if name in paths:
            raise FairpruneError(f"--corpus {name} is given twice: give each corpus its own name")
        paths[name] = path
    most = parse_limits(limits, paths)
    return {name: (path, read_corpus(path, most.get(name))) for name, path in paths.items()}


def _task_inputs(folder: Path | None, functions: Sequence[Path]) -> dict[str, Path]:
    """The files that say what a folder's tasks are, by the names that the card gives them."""
    found = {f"functions {path.name}": path for path in functions}
    if folder:
        known = [*task_files(folder, functions), *data_files(folder)]
        found |= {f"tasks {os.path.relpath(path, folder)}": path for path in known}
    return found


def _tokens(text: str, tokenizer: Any, config: Any) -> Any:
    """Token ids of a whole corpus, with what the tokenizer puts before a text, once."""
    import torch

    what = f"the tokenizer in {tokenizer.name_or_path}"
    ids = apart(lambda: tokenizer(text, verbose=False)["input_ids"], what, len(text))
    check_ids(ids, config, str(tokenizer.name_or_path))
    return torch.tensor(ids, dtype=torch.long)
