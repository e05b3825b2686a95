"""Calibration sets: N windows of T tokens, of a task's opinions, plain text, or the model's own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairprune.data.drawn import drawn_windows
from fairprune.data.own_settings import Continuing, continuing
from fairprune.data.own_windows import beginnings, own_windows
from fairprune.data.prompts import between, check_ids, find_prompt
from fairprune.data.ranking import RANKED_MIXES, ranked_half
from fairprune.data.selections import Selection, select
from fairprune.data.styles import style_for
from fairprune.data.tasks import read_task
from fairprune.data.texts import has_texts, read_texts
from fairprune.data.windows import Windows
from fairprune.errors import FairpruneError, unknown
from fairprune.io.atomic import atomic_file
from fairprune.io.cards import write_card
from fairprune.io.hashing import derive_seed
from fairprune.values import DATE, SELF

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from fairprune.models.folder import ModelFolder

KINDS = ("joined", "longer")


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
    prefix: int | None = None,
    temperature: float | None = None,
    top_p: float | None = None,
    batch_size: int | None = None,
    prompt_style: str = "plain",
    template: Sequence[str] | None = None,
    system: str | None = None,
    date: str = DATE,
    fairness: Path | None = None,
    limit: int | None = None,
    config: Path | None = None,
    device: str = "auto",
    dtype: str = "auto",
    seed: int = 42,
) -> Path:
    """Write a calibration set: `input_ids`, int64, samples × length, with a card.

    The texts are taken in an order drawn from the seed. If they do not suffice, they are gone
    through again: in another order, the opinions of each in another order too. The card says
    how often. A text begins with the tokenizer's beginning token; where it has none of its own,
    its end token stands between two texts.

    Args:
        model: folder whose tokenizer is used; with the mix self the model, too.
        texts: a task (Parquet, JSON Lines), or plain text; see `texts.read_texts`.
        output: the safetensors file.
        prompt: name of a prompt that the opinions stand under, or none.
        mix: which opinions; see `selections.py`. For plain text: proportional (all of it). self:
            what the model writes itself, from the first tokens of the texts or of the opinions;
            see `own_windows.py`.
        samples: number of windows (N).
        length: tokens a window (T).
        windows: joined, or longer (only texts longer than a window).
        groups: the groups; none: every label but the ignored ones.
        ignore: labels that are no group, if any.
        prefix, temperature, top_p, batch_size: with the mix self; None: see `Continuing`.
        prompt_style: plain, or chat.
        template: KEY=VALUE arguments of the chat template.
        system: a system text in the chat template, if any.
        date: the day, YYYY-MM-DD, that a chat template is told.
        fairness: for the mixes made from the dense model's own summaries; see `ranking.py`.
        limit: at most so many documents of plain text; None: all.
        config: configuration with further prompts.
        device, dtype: with the mix self; see `load_model`.
        seed: root seed.

    Raises:
        FairpruneError: a mistake in the arguments or texts; a window longer than the context.
    """
    if windows not in KINDS:
        raise unknown("kind of windows", windows, KINDS)
    layout = None if prompt == "none" else find_prompt(prompt, config)
    groups, ignore = list(groups or ()), list(ignore or ())
    chosen: dict[str, Any] = {"prefix": prefix, "temperature": temperature, "top_p": top_p}
    own = continuing(mix, prompt, windows, **chosen, batch_size=batch_size)
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
    style = style_for(tokenizer, prompt_style, date=date, template=template or (), system=system)
    root = derive_seed(seed, "calibration", mix)
    cut = {"samples": samples, "length": length, "root": root}
    given = selection(random.Random(0))
    if own:
        found = _own(folder, tokenizer, [text for (text,) in given], own, device, dtype, **cut)
    else:
        found = drawn_windows(selection, layout, tokenizer, style, kind=windows, **cut)
    check_ids((token for window in found.ids for token in window), folder.config, str(model))
    _write(output, found.ids)
    parameters = {
        "prompt": prompt,
        **style.parameters,
        "mix": mix,
        "samples": samples,
        "length": length,
        "windows": windows,
        "groups": groups,
        "ignore": ignore,
        "limit": limit,
        "tokenizer": folder.tokenizer_digest,
        **(own.parameters | {"device": device, "dtype": dtype} if own else {}),
    }
    sources = {"texts": texts, "fairness": fairness, "config": config}
    write_card(
        output,
        stage="prepare_calibration",
        files=[output],
        parameters=parameters,
        inputs={"model": folder.source, **sources},
        seed=seed,
        figures={"texts": len(given), **found.figures},
    )
    return output


def _own(
    folder: ModelFolder,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    how: Continuing,
    device: str,
    dtype: str,
    **cut: int,
) -> Windows:
    """Windows of what the model writes after the first tokens of texts."""
    from fairprune.models.loading import load_model

    begun = beginnings(texts, tokenizer, how, **cut)
    model = load_model(folder, device, dtype)
    return own_windows(model, tokenizer, begun, how, between=between(tokenizer), **cut)


def _selection(
    path: Path,
    limit: int | None,
    mix: str,
    groups: Sequence[str],
    ignore: Sequence[str],
    fairness: Path | None,
) -> Selection:
    """How the texts of a pass are drawn from a file; what a model goes on from is single texts."""
    if not has_texts(path):
        if limit is not None:
            raise FairpruneError(f"{path} is a task: --limit is for plain text")
        inputs = read_task(path)
        if mix == SELF:
            opinions = dict.fromkeys(text for item in inputs for text in item.opinions)
            return lambda rng: [[text] for text in opinions]
        if mix in RANKED_MIXES:
            inputs, mix = ranked_half(inputs, fairness, mix), "balanced"
        return select(inputs, mix, groups, ignore)
    if mix not in ("proportional", "none", SELF):
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
