"""Calibration sets that the model writes itself: which texts, which of them stay, and windows."""

import math
from itertools import chain

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from shared import SHARED, needs_shared
from summaries.test_generate_summaries import WORDS, save_model, write_task
from transformers import AutoModelForCausalLM, AutoTokenizer

from fairprune.data.calibration import prepare_calibration
from fairprune.data.continuations import Continuation, continued, likeliest
from fairprune.data.own_settings import Continuing
from fairprune.data.own_windows import beginnings
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.hashing import derive_seed
from fairprune.io.tables import read_jsonl, write_jsonl
from fairprune.models.decoding import Decoder
from fairprune.models.sampling import Sampling, draw, random_numbers

OWN = {"prompt": "none", "mix": "self", "samples": 5, "length": 24}
WARM = Sampling(temperature=1.3, top_p=0.9)


def loaded(folder):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return model, AutoTokenizer.from_pretrained(folder)


def plainly(model, prompt, seed, new, ends, sampling=WARM):
    """One continuation, step by step over the whole sequence, and its perplexity after that."""
    numbers, made = random_numbers([seed], new)[0], []
    while len(made) < new:
        with torch.no_grad():
            logits = model(torch.tensor([[*prompt, *made]])).logits[:, -1]
        token = int(draw(logits, numbers[len(made) : len(made) + 1], sampling))
        if token in ends:
            break
        made.append(token)
    if not made:
        return list(prompt), None
    ids = torch.tensor([[*prompt, *made]])
    labels = ids.clone()
    labels[:, : len(prompt)] = -100
    with torch.no_grad():
        return ids[0].tolist(), math.exp(model(ids, labels=labels).loss)


@pytest.mark.parametrize("name", ["llama3", "opt"])
def test_any_batch_writes_what_plain_sampling_writes(tmp_path, name):
    model, tokenizer = loaded(save_model(tmp_path, name))
    prompts = [[1, 5, 6], [1, 7], [1, 8, 9, 10], [1, 50, 60], [1, 11, 12]]
    seeds = [3, 1, 4, 1, 5]
    expected = [plainly(model, p, s, 20, {2}) for p, s in zip(prompts, seeds, strict=True)]
    assert len({tuple(ids) for ids, _ in expected}) == 5
    for size in (1, 2, 5):
        decoder, found = Decoder(model, tokenizer, 20), []
        for start in range(0, 5, size):
            part = slice(start, start + size)
            found += continued(decoder, prompts[part], seeds[part], WARM)
        assert [text.ids for text in found] == [ids for ids, _ in expected]
        for text, (_, perplexity) in zip(found, expected, strict=True):
            assert text.perplexity == pytest.approx(perplexity, rel=1e-5)


def test_texts_above_the_80th_percentile_go():
    perplexities = [7.0, 3.0, None, 9.0, 1.0, 5.0, 11.0]
    texts = [Continuation([n], value) for n, value in enumerate(perplexities)]
    kept, threshold = likeliest(texts)
    assert threshold == 9.0  # sorted 1 3 5 7 9 11: the place 0.8 · 5
    assert kept == [[0], [1], [3], [4], [5]]
    values = np.random.default_rng(0).lognormal(size=200)
    kept, threshold = likeliest([Continuation([n], float(v)) for n, v in enumerate(values)])
    assert len(kept) == 160
    assert sorted(values)[159] <= threshold < sorted(values)[160]


def test_beginnings_of_texts(tmp_path):
    _, tokenizer = loaded(save_model(tmp_path))
    texts = [f"{WORDS[n]} w1 w2 w3" for n in range(9)] + ["w40"]
    begun = beginnings(texts, tokenizer, Continuing(prefix=2), samples=9, length=8, root=1)
    first = tokenizer.convert_tokens_to_ids
    assert begun == {
        **{n: [1, first(WORDS[n]), first("w1")] for n in range(9)},
        9: [1, first("w40")],
    }
    assert list(begun) != sorted(begun)  # in an order drawn
    other = beginnings(texts, tokenizer, Continuing(prefix=2), samples=9, length=8, root=2)
    assert list(other) != list(begun)
    many = beginnings(texts * 9, tokenizer, Continuing(), samples=2, length=8, root=1)
    assert len(many) == 80


def test_a_set_of_a_task_and_its_card(tmp_path):
    folder, task = save_model(tmp_path / "m"), write_task(tmp_path / "t.jsonl")
    out, options = tmp_path / "c", {**OWN, "prefix": 2, "temperature": 1.3, "top_p": 0.9}
    prepare_calibration(folder, task, out, **options, batch_size=3)
    ids, card = load_file(out)["input_ids"], read_card(out)
    assert ids.shape == (5, 24) and ids.dtype == np.int64
    parameters, figures = card["parameters"], card["figures"]
    asked = {"prefix": 2, "temperature": 1.3, "top_p": 0.9, "batch_size": 3, "device": "auto"}
    assert asked.items() <= parameters.items()
    assert figures["generated"] % 7 == 0  # rounds of 5 / 0.8
    assert 0.2 * figures["generated"] - 1 <= figures["dropped"] < figures["generated"]
    assert figures["threshold_perplexity"] > 1
    # by the plain loop: the drawn opinions one by one, the least likely fifth left out
    model, tokenizer = loaded(folder)
    opinions = list(dict.fromkeys(text for row in read_jsonl(task) for text in row["opinions"]))
    root = derive_seed(42, "calibration", "self")
    begun = beginnings(opinions, tokenizer, Continuing(2), samples=5, length=24, root=root)
    assert figures["texts"] == len(opinions) >= figures["generated"]
    seeds = [derive_seed(root, "continuation", number, 0) for number in begun]
    pairs = zip(begun.values(), seeds, strict=True)
    made = [plainly(model, p, s, 21, {2}) for p, s in list(pairs)[: figures["generated"]]]
    threshold = np.percentile([p for _, p in made if p is not None], 80)
    assert figures["threshold_perplexity"] == pytest.approx(threshold, rel=1e-5)
    kept = [text for text, p in made if p is not None and p <= threshold * (1 + 1e-9)]
    assert figures["dropped"] == len(made) - len(kept)
    assert ids.flatten().tolist() == list(chain(*kept))[: 5 * 24]
    for size in (1, 8):
        prepare_calibration(folder, task, tmp_path / "d", **options, batch_size=size)
        assert (tmp_path / "d").read_bytes() == out.read_bytes()
    prepare_calibration(folder, task, tmp_path / "d", **options, seed=43)
    assert (tmp_path / "d").read_bytes() != out.read_bytes()


def test_few_texts_are_begun_again_and_never_alike(tmp_path):
    folder = save_model(tmp_path / "m")
    (tmp_path / "t.txt").write_text("w1 w2 w3 w4\n\nw5 w6 w7 w8\n")
    prepare_calibration(folder, tmp_path / "t.txt", tmp_path / "c", **OWN, temperature=2.0)
    figures = read_card(tmp_path / "c")["figures"]
    assert figures["texts"] == 2 and figures["passes"] == math.ceil(figures["generated"] / 2) > 3
    ids = load_file(tmp_path / "c")["input_ids"]
    assert len({tuple(row) for row in ids.tolist()}) == 5


def test_a_model_that_writes_nothing_is_refused(tmp_path):
    folder = save_model(tmp_path / "m", tie_word_embeddings=False)
    model, _ = loaded(folder)
    model.generation_config.eos_token_id = list(range(97))
    model.save_pretrained(folder)
    (tmp_path / "t.txt").write_text("w1 w2 w3 w4 w5\n")
    with pytest.raises(FairpruneError, match="ends every text where it should go on"):
        prepare_calibration(folder, tmp_path / "t.txt", tmp_path / "c", **OWN)
    assert not (tmp_path / "c").exists()


def test_a_broken_model_is_refused(tmp_path):
    folder = save_model(tmp_path / "m")
    model, _ = loaded(folder)
    model.model.norm.weight.data.fill_(3e38)
    model.save_pretrained(folder)
    (tmp_path / "t.txt").write_text("w1 w2 w3 w4 w5\n")
    with pytest.raises(FairpruneError, match="no probability that is a number"):
        prepare_calibration(folder, tmp_path / "t.txt", tmp_path / "c", **OWN)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"mix": "proportional", "prefix": 3}, "--prefix is for --mix self"),
        ({"mix": "balanced", "temperature": 1.0}, "--temperature is for --mix self"),
        ({"mix": "a", "top_p": 0.5}, "--top-p is for --mix self.*--mix a"),
        ({"mix": "a", "batch_size": 5}, "--batch-size is for --mix self"),
        ({"prompt": "tweets"}, "leave out --prompt tweets"),
        ({"windows": "longer"}, "leave out --windows longer"),
        ({"prefix": 23}, "a prefix of 23 tokens leaves nothing of a window of 24"),
        ({"top_p": 1.01}, r"top-p 1\.01"),
        ({"temperature": -1.0}, "temperature -1"),
        ({"limit": 3}, "is a task: --limit is for plain text"),
    ],
)
def test_refused(tmp_path, options, says):
    folder, task = save_model(tmp_path / "m"), write_task(tmp_path / "t.jsonl")
    with pytest.raises(FairpruneError, match=says):
        prepare_calibration(folder, task, tmp_path / "c", **{**OWN, **options})
    assert not (tmp_path / "c").exists()


@needs_shared
def test_a_trained_model_writes_more_likely_text_than_a_hot_one(tmp_path):
    """The perplexity that is written down falls with the temperature, as it must."""
    folder = SHARED / "models/stories260k"
    stories = (SHARED / "data/tinystories/sample.txt").read_text(encoding="utf-8")
    write_jsonl(tmp_path / "t.jsonl", [{"text": stories[s : s + 400]} for s in range(0, 9000, 400)])
    found = []
    for temperature in (0.6, 1.0, 1.5):
        options = {**OWN, "samples": 8, "length": 64, "temperature": temperature, "top_p": 1.0}
        prepare_calibration(folder, tmp_path / "t.jsonl", tmp_path / "c", **options)
        found.append(read_card(tmp_path / "c")["figures"]["threshold_perplexity"])
    assert found[0] < found[1] < found[2]
