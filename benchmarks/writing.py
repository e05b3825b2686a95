"""Summaries by a real model: ours, and `generate` on padded batches of prompts sorted by length.

python benchmarks/writing.py MODEL [--inputs 24] [--new 64] [--runs 1]

MODEL: a folder, as ../shared/tools/real-model makes it. Reviews are summarised under the shipped
prompt; under one that begins with two worked examples, which is the same in all; and three times
each under the shipped one.
"""

import argparse
import json
from pathlib import Path

import torch
from each_method import REVIEWS
from measure import compare, report
from transformers import AutoModelForCausalLM, AutoTokenizer

from fairprune.data.prompts import PROMPTS
from fairprune.models.decoding import Decoder
from fairprune.models.room import ON_CPU
from fairprune.summaries.requests import Request, batches

AIMS = {"summaries": 1.0, "summaries-examples": 1.5}


def ours(model, tokenizer, prompts, new):
    """What each prompt is followed by."""
    decoder = Decoder(model, tokenizer, new)
    requests = [Request(str(number), ids, 1) for number, ids in enumerate(prompts)]
    found = {}
    for batch in batches(requests, lambda _: ON_CPU, new):
        made = decoder.go_on([request.ids for request in batch], lambda logits: logits)
        texts = tokenizer.batch_decode(made, skip_special_tokens=True)
        found |= {request.id: text for request, text in zip(batch, texts, strict=True)}
    return [found[str(number)] for number in range(len(prompts))]


def plain(model, tokenizer, prompts, new):
    """The same by a loop as it stands in the public scripts."""
    order = sorted(range(len(prompts)), key=lambda number: -len(prompts[number]))
    found = {}
    for start in range(0, len(order), ON_CPU):
        batch = order[start : start + ON_CPU]
        ids = {"input_ids": [prompts[number] for number in batch]}
        padded = tokenizer.pad(ids, padding_side="left", return_tensors="pt")
        with torch.inference_mode():
            made = model.generate(
                **padded, max_new_tokens=new, do_sample=False, pad_token_id=tokenizer.pad_token_id
            )
        made = made[:, padded["input_ids"].shape[1] :]
        texts = tokenizer.batch_decode(made, skip_special_tokens=True)
        found |= dict(zip(batch, texts, strict=True))
    return [found[number] for number in range(len(prompts))]


def main() -> None:
    """Time both ways under each prompt, and see that they write the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--inputs", type=int, default=24)
    parser.add_argument("--new", type=int, default=64)
    parser.add_argument("--runs", type=int, default=1)
    options = vars(parser.parse_args())
    folder, runs = options.pop("model"), options.pop("runs")
    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    lines = REVIEWS.read_text(encoding="utf-8").splitlines()[: options["inputs"] + 2]
    reviews = [json.loads(line)["input"] for line in lines]
    asked = [PROMPTS["reviews"].text([text]) for text in reviews]
    examples = "".join(f"{text} {text.partition('.')[0]}.\n\n" for text in asked[:2])
    asked = asked[2:]
    cases = {
        "summaries": asked,
        "summaries-examples": [examples + text for text in asked],
        "summaries-thrice": [text for text in asked[: len(asked) // 3] for _ in range(3)],
    }
    for name, texts in cases.items():
        prompts = [tokenizer(text)["input_ids"] for text in texts]
        made = {}

        def written(way, prompts=prompts, made=made):
            made[way.__name__] = way(model, tokenizer, prompts, options["new"])

        ways = {"ours": lambda: written(ours), "plain loop": lambda: written(plain)}
        ways = compare(ways, runs)
        same = sum(map(str.__eq__, made["ours"], made["plain"])) / len(prompts)
        aims = {"plain loop": AIMS[name]} if name in AIMS else {}
        tokens = sum(map(len, prompts)) // len(prompts)
        about = {"model": folder.name, "prompt_tokens": tokens, **options, "device": "cpu"}
        report(name, about, ways, "ours", aims, equal_summaries=same)


if __name__ == "__main__":
    main()
