"""Calibration sets: N windows of T tokens from a task's opinions or from plain text."""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from fairprune.data.prompts import check_style, context_length, encode, find_prompt, render
from fairprune.data.ranking import RANKED_MIXES, ranked_half
from fairprune.data.selections import Selection, select
from fairprune.data.tasks import read_task
from fairprune.data.windows import joined_windows, longer_windows
from fairprune.errors import FairpruneError, unknown
from fairprune.io.atomic import atomic_file
from fairprune.io.cards import write_card
from fairprune.io.hashing import derive_seed
from fairprune.io.tables import read_rows

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
    groups: Sequence[str] = (),
    ignore: Sequence[str] = (),
    prompt_style: str = "plain",
    fairness: Path | None = None,
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
        texts: a task (Parquet, JSON Lines), or plain text: a .txt file of paragraphs, or a
            column `text`.
        output: the safetensors file.
        prompt: name of a prompt that the opinions stand under, or none.
        mix: which opinions; see `selections.py`. For plain text: proportional (all of it).
        samples: number of windows (N).
        length: tokens a window (T).
        windows: joined, or longer (only texts longer than a window).
        groups: the groups; empty: every label but the ignored ones.
        ignore: labels that are no group.
        prompt_style: plain, or chat.
        fairness: for the mixes made from the dense model's own summaries; see `ranking.py`.
        config: configuration with further prompts.
        seed: root seed.

    Raises:
        FairpruneError: a mistake in the arguments or texts; a window longer than the context.
    """
    if windows not in KINDS:
        raise unknown("kind of windows", windows, KINDS)
    layout = None if prompt == "none" else find_prompt(prompt, config)
    selection = _selection(texts, mix, groups, ignore, fairness)

    from fairprune.models.loading import load_config, load_tokenizer

    context = context_length(load_config(model))
    if context is not None and length > context:
        raise FairpruneError(
            f"--length {length} is longer than the context of {model}, {context} tokens"
        )
    tokenizer = load_tokenizer(model)
    check_style(prompt_style, tokenizer)
    root = derive_seed(seed, "calibration", mix)

    def draw(number: int) -> Iterator[list[int]]:
        rng = random.Random(derive_seed(root, number))
        drawn = [list(opinions) for opinions in selection(rng)]
        rng.shuffle(drawn)
        for opinions in drawn:
            if number:
                rng.shuffle(opinions)
            yield render(layout, opinions, tokenizer, prompt_style)

    if windows == "joined":
        end = tokenizer.eos_token_id
        own = encode("a", tokenizer)[:1] == [tokenizer.bos_token_id]
        between = [] if own or end is None else [end]
        found = joined_windows(draw, samples, length, between)
    else:
        rng = random.Random(derive_seed(root, "places"))
        found = longer_windows(list(draw(0)), samples, length, rng)
    _write(output, found.ids)
    parameters = {
        "prompt": prompt,
        "prompt_style": prompt_style,
        "mix": mix,
        "samples": samples,
        "length": length,
        "windows": windows,
        "groups": list(groups),
        "ignore": list(ignore),
    }
    sources = {"model": model, "texts": texts, "fairness": fairness, "config": config}
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
    path: Path, mix: str, groups: Sequence[str], ignore: Sequence[str], fairness: Path | None
) -> Selection:
    """How the texts of a pass are drawn from a file."""
    plain = _plain_texts(path)
    if plain is None:
        inputs = read_task(path)
        if mix in RANKED_MIXES:
            inputs, mix = ranked_half(inputs, fairness, mix), "balanced"
        return select(inputs, mix, groups, ignore)
    if mix not in ("proportional", "none"):
        raise FairpruneError(f"{path} is plain text without labels: leave out --mix {mix}")
    if not plain:
        raise FairpruneError(f"{path} holds no text: give one that is not empty")
    return lambda rng: [[text] for text in plain]


def _plain_texts(path: Path) -> list[str] | None:
    """Paragraphs of a .txt file, or a column `text`; None for a task."""
    if path.suffix == ".txt":
        try:
            paragraphs = re.split(r"\n\s*\n", path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise FairpruneError(f"{path} does not exist: give an existing file") from None
        except (OSError, UnicodeDecodeError) as error:
            raise FairpruneError(f"{path} cannot be read as UTF-8 text: {error}") from None
        return [text.strip() for text in paragraphs if text.strip()]
    if path.suffix not in (".jsonl", ".parquet"):
        raise FairpruneError(f"{path}: --texts takes .parquet, .jsonl or .txt")
    rows = read_rows(path)
    if not rows:
        raise FairpruneError(f"{path} holds no rows: give texts")
    if "text" not in rows[0] or "opinions" in rows[0]:
        return None
    return [str(row["text"]).strip() for row in rows if str(row["text"] or "").strip()]


def _write(output: Path, ids: list[list[int]]) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    with atomic_file(output) as partial:
        save_file({"input_ids": np.asarray(ids, dtype=np.int64)}, partial)
