"""How tokens are chosen: guards, drawing, the model's own settings; the same in any batch."""

import json
from pathlib import Path

import pytest
import torch
from test_generate_summaries import save_model, write_task
from transformers import AutoModelForCausalLM, AutoTokenizer

from fairprune.data.prompts import PROMPTS, encode
from fairprune.data.tasks import read_task
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.hashing import derive_seed
from fairprune.io.tables import read_jsonl
from fairprune.summaries.generate import generate_summaries
from fairprune.summaries.generation import Generator

NEW = 14


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("decoding")
    return save_model(folder / "model"), write_task(folder / "task.jsonl")


def write(place, out, **how) -> list[dict]:
    model, task = place
    generate_summaries(model, [task], [out], ["tweets"], **{"max_new_tokens": NEW} | how)
    return read_jsonl(out)


def texts(rows) -> dict[tuple[str, int], str]:
    return {(row["id"], row.get("sample", 0)): row["summary"] for row in rows}


@pytest.mark.parametrize(
    "how",
    [
        {"repetition_penalty": 1.7},
        {"no_repeat_ngram_size": 2},
        {"min_new_tokens": 12},
        {"repetition_penalty": 1.3, "no_repeat_ngram_size": 1, "min_new_tokens": NEW},
    ],
)
def test_guards_are_those_of_generate_one_by_one(place, tmp_path, how):
    """transformers' `generate` on each prompt alone, without padding, is the reference."""
    folder, task = place
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    expected = {}
    for item in read_task(task):
        ids = torch.tensor([encode(PROMPTS["tweets"].text(item.opinions), tokenizer)])
        made = model.generate(ids, max_new_tokens=NEW, do_sample=False, pad_token_id=0, **how)
        text = tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True)
        expected[item.id, 0] = text.strip()
    plain = texts(write(place, tmp_path / "plain.jsonl"))
    for size in (1, 3, 8):
        rows = write(place, tmp_path / f"{size}.jsonl", batch_size=size, **how)
        assert texts(rows) == expected
    assert expected != plain or list(how) == ["min_new_tokens"]
    card = read_card(tmp_path / "8.jsonl")["parameters"]
    assert {name: card[name] for name in how} == how
    assert (card["temperature"], card["samples"], card["seed"]) == (0, 1, None)


def drawn(folder, ids, seed, temperature, top_p, top_k) -> str:
    """One summary, step by step over the whole sequence, by the definition."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    numbers = torch.rand(NEW, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    made: list[int] = []
    for number in numbers.tolist():
        with torch.no_grad():
            logits = model(torch.tensor([ids + made])).logits[0, -1].double()
        order = sorted(range(len(logits)), key=lambda token: (-float(logits[token]), token))
        order = order[:top_k]
        chances = torch.softmax(logits[order] / temperature, 0).tolist()
        kept, total = [], 0.0
        for token, chance in zip(order, chances, strict=True):
            if total >= top_p:
                break
            kept.append((token, chance))
            total += chance
        at = 0.0
        for token, chance in kept:  # noqa: B007
            at += chance / total
            if number < at:
                break
        if token == tokenizer.eos_token_id:
            break
        made.append(token)
    return tokenizer.decode(made, skip_special_tokens=True).strip()


def test_drawn_summaries_depend_on_input_and_sample_alone(place, tmp_path):
    how = {"temperature": 0.8, "top_p": 0.9, "top_k": 40}
    found = [
        texts(write(place, tmp_path / f"{size}.jsonl", batch_size=size, samples=3, **how))
        for size in (1, 4, 30)
    ]
    assert found[0] == found[1] == found[2]
    assert len(set(found[0].values())) > 15
    fewer = texts(write(place, tmp_path / "fewer.jsonl", samples=2, batch_size=5, **how))
    assert fewer == {key: text for key, text in found[0].items() if key[1] < 2}
    other = texts(write(place, tmp_path / "seed.jsonl", samples=2, seed=7, **how))
    assert sum(other[key] == fewer[key] for key in fewer) < len(fewer) / 2
    tokenizer = AutoTokenizer.from_pretrained(place[0])
    for item in list(read_task(place[1]))[:2]:
        ids = encode(PROMPTS["tweets"].text(item.opinions), tokenizer)
        for sample in range(3):
            seed = derive_seed(42, "summary", item.id, sample)
            assert found[0][item.id, sample] == drawn(place[0], ids, seed, *how.values())


def test_samples_are_rows_in_order_and_are_gone_on_with(place, tmp_path, monkeypatch):
    out, real, calls = tmp_path / "out.jsonl", Generator.generate, []
    how = {"temperature": 1.0, "samples": 2, "batch_size": 4}
    whole = write(place, tmp_path / "whole.jsonl", **how)
    assert [(row["id"], row["sample"]) for row in whole] == [
        (item.id, sample) for item in read_task(place[1]) for sample in (0, 1)
    ]

    def once(self, batch):
        if calls:
            raise KeyboardInterrupt
        calls.append(batch)
        return real(self, batch)

    monkeypatch.setattr(Generator, "generate", once)
    with pytest.raises(KeyboardInterrupt):
        write(place, out, **how)
    monkeypatch.setattr(Generator, "generate", real)
    assert write(place, out, **how) == whole
    figures = read_card(out)["figures"]
    assert (figures["summaries"], figures["smallest_margin"]) == (len(whole), None)
    assert read_card(out)["parameters"]["seed"] == 42


def own_settings(folder: Path, **settings) -> Path:
    save_model(folder)
    (folder / "generation_config.json").write_text(json.dumps(settings))
    return folder


def test_a_models_own_settings_are_taken_where_asked(place, tmp_path):
    asked = {"do_sample": True, "temperature": 0.7, "top_p": 0.9, "repetition_penalty": 1.2}
    model = own_settings(tmp_path / "model", **asked, num_beams=1, max_length=20)
    rows = write((model, place[1]), tmp_path / "model.jsonl", generation="model")
    card = read_card(tmp_path / "model.jsonl")["parameters"]
    assert (card["generation"], card["top_k"], card["temperature"]) == ("model", 50, 0.7)
    asked.pop("do_sample")
    assert rows == write((model, place[1]), tmp_path / "same.jsonl", top_k=50, **asked)
    greedy = own_settings(tmp_path / "greedy", temperature=0.7, no_repeat_ngram_size=2)
    rows = write((greedy, place[1]), tmp_path / "greedy.jsonl", generation="model")
    assert rows == write((greedy, place[1]), tmp_path / "2.jsonl", no_repeat_ngram_size=2)


@pytest.mark.parametrize(
    ("settings", "how", "message"),
    [
        ({"num_beams": 4}, {"generation": "model"}, "asks for num_beams = 4"),
        ({"temperature": "hot"}, {"generation": "model"}, "temperature is 'hot'"),
        ({"min_new_tokens": 99}, {"generation": "model"}, "json: at least 99 new tokens"),
        ({"top_p": 0, "do_sample": True}, {"generation": "model"}, "json: top-p 0"),
        ({"temperature": 0, "do_sample": True}, {"generation": "model"}, "json .*temperature 0"),
        ({"top_k": 10**30, "do_sample": True}, {"generation": "model"}, "whole number from 0 to"),
        ({"encoder_repetition_penalty": 2}, {"generation": "model"}, "encoder_repetition_penalty"),
        ({"temperature": 0.7}, {"generation": "model", "samples": 2}, "json does not ask"),
        ({}, {"generation": "model", "top_p": 0.5}, "--top-p stands beside --generation model"),
        ({}, {"top_p": 0.5}, "--top-p is for summaries that are drawn"),
        ({}, {"samples": 2}, "--samples is for summaries that are drawn"),
        ({}, {"min_new_tokens": 15}, "at least 15 new tokens and at most 14"),
        ({}, {"repetition_penalty": 0.0}, "above 0 is expected"),
    ],
)
def test_settings_that_cannot_be_are_refused(place, tmp_path, settings, how, message):
    model = own_settings(tmp_path / "model", **settings)
    with pytest.raises(FairpruneError, match=message):
        write((model, place[1]), tmp_path / "out.jsonl", **how)
    assert not (tmp_path / "out.jsonl").exists()


def test_a_model_without_settings_of_its_own_says_so(place, tmp_path):
    model = own_settings(tmp_path / "model")
    (model / "generation_config.json").unlink()
    with pytest.raises(FairpruneError, match=r"no generation_config.json"):
        write((model, place[1]), tmp_path / "out.jsonl", generation="model")


def test_the_margin_is_that_of_the_steps_that_were_used(place, tmp_path):
    """Alone, a summary is not computed on behind its stop text; in a batch it may be."""
    stop = texts(write(place, tmp_path / "whole.jsonl"))["i0", 0].split()[1]
    alone = []
    for size in (1, 8):
        write(place, tmp_path / f"{size}.jsonl", stop=[stop], batch_size=size)
        alone.append(read_card(tmp_path / f"{size}.jsonl")["figures"])
    assert alone[0]["smallest_margin"] == pytest.approx(alone[1]["smallest_margin"], abs=1e-4)
    assert alone[0]["cost"]["tokens"] == alone[1]["cost"]["tokens"]
