"""Calibration sets: N windows of T tokens from a task's opinions or from plain text."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fairprune.data.prompts import check_ids, check_style, encode, find_prompt, render
from fairprune.data.ranking import RANKED_MIXES, ranked_half
from fairprune.data.selections import Selection, select
from fairprune.data.tasks import read_task
from fairprune.data.texts import has_texts, read_texts
from fairprune.data.windows import Windows, joined_windows, longer_windows
from fairprune.errors import FairpruneError, unknown
from fairprune.io.apart import apart
from fairprune.io.atomic import atomic_file
from fairprune.io.cards import write_card
from fairprune.io.hashing import derive_seed
from fairprune.values import DATE

KINDS = ("joined", "longer")
LETTERS_A_TOKEN = 10  # and not more, on average


def prepare_calibration(
    model: Path,
    texts: Path,
    output: Path,
    *,
    prompt: str,
    mix: str = "proportional",
    samples: int = 128,
    length: int = 512,
    windows: str = "joined",
    groups: Sequence[str] | None = None,
    ignore: Sequence[str] | None = None,
    prompt_style: str = "plain",
    date: str = DATE,
    fairness: Path | None = None,
    limit: int | None = None,
    config: Path | None = None,
    seed: int = 42,
) -> Path:
    """Write a calibration set: `input_ids`, int64, samples × length, with a card.

    The texts are taken in an order drawn from the seed. If they do not suffice, they are gone
    through again: in another order, the opinions of each in another order too. The card says
    how often. A text begins with the tokenizer's beginning token; where it has none of its own,
    its end token stands between two texts.

    Args:
        model: folder whose tokenizer is used.
        texts: a task (Parquet, JSON Lines), or plain text; see `texts.read_texts`.
        output: the safetensors file.
        prompt: name of a prompt that the opinions stand under, or none.
        mix: which opinions; see `selections.py`. For plain text: proportional (all of it).
        samples: number of windows (N).
        length: tokens a window (T).
        windows: joined, or longer (only texts longer than a window).
        groups: the groups; none: every label but the ignored ones.
        ignore: labels that are no group, if any.
        prompt_style: plain, or chat.
        date: the day, YYYY-MM-DD, that a chat template is told.
        fairness: for the mixes made from the dense model's own summaries; see `ranking.py`.
        limit: at most so many documents of plain text; None: all.
        config: configuration with further prompts.
        seed: root seed.

    Raises:
        FairpruneError: a mistake in the arguments or texts; a window longer than the context.
    """
    if windows not in KINDS:
        raise unknown("kind of windows", windows, KINDS)
    layout = None if prompt == "none" else find_prompt(prompt, config)
    groups, ignore = list(groups or ()), list(ignore or ())
    selection = _selection(texts, limit, mix, groups, ignore, fairness)

    from fairprune.models.context import context_length
    from fairprune.models.folder import open_model
    from fairprune.models.loading import load_tokenizer

    folder = open_model(model)
    context = context_length(folder.config)
    if context is not None and length > context:
        raise FairpruneError(
            f"--length {length} is longer than the context of {model}, {context} tokens"
        )
    tokenizer = load_tokenizer(folder)
    check_style(prompt_style, tokenizer)
    root = derive_seed(seed, "calibration", mix)

    def draw(number: int) -> Iterator[list[int]]:
        rng = random.Random(derive_seed(root, number))
        drawn = [list(opinions) for opinions in selection(rng)]
        rng.shuffle(drawn)
        for opinions in drawn:
            if number:
                rng.shuffle(opinions)
            yield render(layout, opinions, tokenizer, prompt_style, date)

    def cut() -> dict[str, Any]:
        if windows == "joined":
            end = tokenizer.eos_token_id
            own = encode("a", tokenizer)[:1] == [tokenizer.bos_token_id]
            between = [] if own or end is None else [end]
            return asdict(joined_windows(draw, samples, length, between))
        rng = random.Random(derive_seed(root, "places"))
        return asdict(longer_windows(list(draw(0)), samples, length, rng))

    letters = sum(len(text) for drawn in selection(random.Random(0)) for text in drawn)
    what = f"the tokenizer or chat template in {model}"
    found = Windows(**apart(cut, what, letters + LETTERS_A_TOKEN * samples * length))
    check_ids((token for window in found.ids for token in window), folder.config, str(model))
    _write(output, found.ids)
    parameters = {
        "prompt": prompt,
        "prompt_style": prompt_style,
        "date": date if prompt_style == "chat" else None,
        "mix": mix,
        "samples": samples,
        "length": length,
        "windows": windows,
        "groups": groups,
        "ignore": ignore,
        "limit": limit,
        "tokenizer": folder.tokenizer_digest,
    }
    sources = {"model": folder.source, "texts": texts, "fairness": fairness, "config": config}
    figures = {"texts": len(selection(random.Random(0))), **found.figures}
    write_card(
        output,
        stage="prepare_calibration",
        files=[output],
        parameters=parameters,
        inputs=sources,
        seed=seed,
        figures=figures,
    )
    return output


def _selection(
    path: Path,
    limit: int | None,
    mix: str,
    groups: Sequence[str],
    ignore: Sequence[str],
    fairness: Path | None,
) -> Selection:
    """How the texts of a pass are drawn from a file."""
    if not has_texts(path):
        if limit is not None:
            raise FairpruneError(f"{path} is a task: --limit is for plain text")
        inputs = read_task(path)
        if mix in RANKED_MIXES:
            inputs, mix = ranked_half(inputs, fairness, mix), "balanced"
        return select(inputs, mix, groups, ignore)
    if mix not in ("proportional", "none"):
        raise FairpruneError(f"{path} is plain text without labels: leave out --mix {mix}")
    plain = [text.strip() for text in read_texts(path, limit) if text.strip()]
    if not plain:
        raise FairpruneError(f"{path} holds no text: give one that is not empty")
    return lambda rng: [[text] for text in plain]


def _write(output: Path, ids: list[list[int]]) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    with atomic_file(output) as partial:
        save_file({"input_ids": np.asarray(ids, dtype=np.int64)}, partial)
