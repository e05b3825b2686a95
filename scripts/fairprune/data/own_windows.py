"""Calibration sets that the model writes itself, from the first tokens of others' texts.

Ji et al., "Beware of calibration data for pruning large language models", ICLR 2025
(arXiv:2410.17711): what a model writes is more like what it was trained on than what others write.
A continuation is sampled for each text, and those that the model itself finds least likely go.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fairprune.data.continuations import KEPT, Continuation, continued, likeliest
from fairprune.data.own_settings import Continuing, check_prefix
from fairprune.data.prompts import begins, encode
from fairprune.data.windows import Windows, joined_windows
from fairprune.errors import FairpruneError
from fairprune.io.apart import apart
from fairprune.io.hashing import derive_seed

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

TEXTS_A_WINDOW = 40  # that are gone on from at most: about 5000 for 128 windows


def beginnings(
    texts: Sequence[str],
    tokenizer: PreTrainedTokenizerBase,
    how: Continuing,
    *,
    samples: int,
    length: int,
    root: int,
) -> dict[int, list[int]]:
    """What is given of texts: number of the text → its first token ids, in an order drawn.

    Args:
        texts: the texts; one that is shorter than the prefix is taken whole.
        tokenizer: the model's.
        how: how long the prefix is.
        samples: N, windows to be made of them, which says how many are taken at most.
        length: T, tokens a window.
        root: seed of the order.

    Raises:
        FairpruneError: a prefix that leaves nothing to go on with, or a tokenizer without an end.
    """
    check_prefix(how.prefix, length)
    order = random.Random(derive_seed(root, "order")).sample(range(len(texts)), len(texts))
    order = order[: TEXTS_A_WINDOW * samples]

    def begun() -> list[list[int]]:
        first = how.prefix + begins(tokenizer)
        return [encode(texts[number], tokenizer)[:first] for number in order]

    letters = sum(len(texts[number]) for number in order)
    made = apart(begun, f"the tokenizer in {tokenizer.name_or_path}", letters)
    return dict(zip(order, made, strict=True))


def own_windows(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    begun: Mapping[int, Sequence[int]],
    how: Continuing,
    *,
    samples: int,
    length: int,
    root: int,
    between: Sequence[int] = (),
) -> Windows:
    """N windows of T tokens from a model's continuations, joined end to end.

    As many texts are continued as it takes, in rounds; a text has T tokens at most. Where the
    texts do not suffice they are begun again, with other random numbers.

    Args:
        model: the dense model.
        tokenizer: its tokenizer.
        begun: see `beginnings`.
        how: how it goes on.
        samples: N.
        length: T.
        root: seed; a text's random numbers depend on it and the text's number alone.
        between: token ids put between two texts inside a window.

    Raises:
        FairpruneError: the model writes nothing, or nothing that has a perplexity.
    """
    from tqdm import tqdm

    from fairprune.models.decoding import Decoder

    decoder = Decoder(model, tokenizer, length - max(map(len, begun.values())))
    order = list(begun)
    made: list[Continuation] = []
    kept: list[list[int]] = []
    threshold = math.nan
    with tqdm(desc="continuations", unit="text") as bar:
        while sum(map(len, kept)) < samples * length:
            places = range(len(made), len(made) + math.ceil(samples / KEPT))
            for first in places[:: how.batch_size]:
                batch = range(first, min(first + how.batch_size, places.stop))
                turns = [divmod(place, len(order)) for place in batch]
                numbers = [(order[place], again) for again, place in turns]
                prompts = [begun[number] for number, _ in numbers]
                seeds = [derive_seed(root, "continuation", *number) for number in numbers]
                made += continued(decoder, prompts, seeds, how.sampling)
                bar.update(len(batch))
            if all(text.perplexity is None for text in made[places.start :]):
                raise FairpruneError(
                    "the model ends every text where it should go on: give a longer --prefix, or "
                    "another mix"
                )
            kept, threshold = likeliest(made)
    windows = joined_windows(lambda _: kept, samples, length, between)
    counts = {
        "generated": len(made),
        "dropped": len(made) - len(kept),
        "threshold_perplexity": threshold,
        "passes": math.ceil(len(made) / len(order)),
    }
    return Windows(windows.ids, windows.figures | counts)
