"""Language ability of one model or variant: the step, and its file."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from fairprune.data.prompts import check_ids
from fairprune.errors import FairpruneError
from fairprune.io.apart import apart
from fairprune.io.cards import write_card
from fairprune.io.tables import write_json
from fairprune.io.usage import seconds
from fairprune.io.variants import name_in
from fairprune.language.corpora import parse_corpus, parse_limits, read_corpus
from fairprune.language.perplexity import perplexity
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
    device: str = "auto",
    dtype: str = "auto",
) -> Path:
    """Measure perplexities and zero-shot tasks, and write them as JSON with a card.

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
    manager = None
    if tasks:
        from fairprune.language.zero_shot import find_tasks

        manager = find_tasks(tasks, include_path)

    from fairprune.models.folder import open_model
    from fairprune.models.loading import load_tokenizer
    from fairprune.pruning.variant import load_variant, open_pruned

    folder, variant = open_model(model), pruned and open_pruned(pruned)
    tokenizer, context = load_tokenizer(folder), context_length(folder.config)
    ids = {name: _tokens(text, tokenizer, folder.config) for name, (_, text) in texts.items()}
    begin, length = beginning_token(tokenizer), window_length(window, context)
    windows = {name: cut(tokens, length, begin, beginning) for name, tokens in ids.items()}
    network = load_variant(folder, variant, device, dtype)
    cost, started = size_of(network, folder.config), seconds()
    found = {
        "variant": name_in(output, "language"),
        "perplexity": [
            {"corpus": name, **asdict(perplexity(network, windows[name], name))} for name in texts
        ],
        "zero_shot": [],
    }
    if windows:
        cost["tokens"] = sum(w.ids.numel() for w in windows.values())
        cost["seconds"] = round(seconds() - started, 3)
    if tasks:
        from fairprune.language.zero_shot import zero_shot

        found["zero_shot"] = zero_shot(network, tokenizer, tasks, manager)
    write_json(output, found)
    write_card(
        output,
        stage="evaluate_language",
        files=[output],
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
            "pruned": variant and variant.source,
            **{f"corpus {name}": path for name, (path, _) in texts.items()},
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


def _tokens(text: str, tokenizer, config):
    """Token ids of a whole corpus, with what the tokenizer puts before a text, once."""
    import torch

    what = f"the tokenizer in {tokenizer.name_or_path}"
    ids = apart(lambda: tokenizer(text, verbose=False)["input_ids"], what, len(text))
    check_ids(ids, config, str(tokenizer.name_or_path))
    return torch.tensor(ids, dtype=torch.long)
