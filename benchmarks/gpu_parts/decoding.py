"""Summaries a second: batches of 16, batches by memory, and with transformers' own caches."""

from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace
from unittest.mock import patch

import torch
from gpu_parts.row import dtype_on, row, timed
from measure import random_ids, random_model

from fairprune.models.decoding import Decoder
from fairprune.models.guards import Guards
from fairprune.models.room import rows_at_once

NEW = 128
TOKENIZER = SimpleNamespace(eos_token_id=2, pad_token_id=0, bos_token_id=1)


def rows(options):
    """Prompts of `tokens` tokens, 128 new ones each."""
    model = random_model(options.shape, dtype_on(options.device), options.device)
    new = NEW if options.device == "cuda" else 8
    decoder = Decoder(model, TOKENIZER, new, Guards(min_new_tokens=new))
    many = rows_at_once(model, model.config)(options.tokens + new)
    found, speeds = [], {}
    for name, size, cache in (
        ("batches of 16", 16, None),
        ("by memory", many, None),
        ("by memory, transformers' cache", many, "dynamic"),
        ("by memory, its static cache", many, "static"),
    ):
        decoder.configuration.cache_implementation = cache
        prompts = random_ids(options.shape, size, options.tokens).tolist()
        without = patch("fairprune.models.cache.empty_cache", return_value=None)
        with without if cache else nullcontext():
            way = partial(decoder.go_on, prompts, lambda logits: logits)
            took, peak = timed(way, warm=size == 16)  # the kernels of many texts are the same
        speeds[name] = size / took
        found.append(row(name, size / took, "summaries a second", peak=peak))
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    first, second = list(speeds.values())[:2]
    return [
        *found,
        row("by memory, against 16", second / first, "×", least=5),
        row("texts at once by memory", float(many), ""),
        row("weights", float(model.num_parameters()), "of that model"),
    ]
