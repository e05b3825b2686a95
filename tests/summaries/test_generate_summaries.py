"""Summaries: equal to one-by-one generation, whatever the batch; resumed; cut to the context."""

import json
from pathlib import Path

import pytest
import torch
from shared import SHARED, needs_shared
from tiny_models import tiny_model
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from fairprune.data.prompts import PROMPTS, encode, fit
from fairprune.data.styles import Style
from fairprune.data.tasks import read_task
from fairprune.errors import FairpruneError
from fairprune.io.cards import card_path, read_card
from fairprune.io.tables import read_jsonl, write_jsonl
from fairprune.summaries.generate import generate_summaries
from fairprune.summaries.generation import Generator

WORDS = [f"w{i}" for i in range(97 - 4)]


def save_model(folder: Path, name: str = "llama3", context: int = 160, **changes) -> Path:
    """A tiny random model with a tokenizer of whole words."""
    tiny_model(name, max_position_embeddings=context, **changes).save_pretrained(folder)
    vocabulary = {word: i for i, word in enumerate(["<pad>", "<s>", "</s>", "<unk>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
    ).save_pretrained(folder)
    return folder


def write_task(path: Path, count: int = 7) -> Path:
    """Inputs of different lengths."""
    rows = []
    for number in range(count):
        opinions = [
            " ".join(WORDS[(number * 7 + i * 3 + j) % 93] for j in range(2 + (number * i) % 9))
            for i in range(2 + number % 4)
        ]
        labels = ["a" if i % 2 else "b" for i in range(len(opinions))]
        rows.append({"id": f"i{number}", "opinions": opinions, "labels": labels})
    write_jsonl(path, rows)
    return path


def plainly(folder: Path, task: Path, new: int, prompt: str = "tweets") -> dict[str, str]:
    """Summaries one by one, without padding, step by step over the whole sequence."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = {}
    for item in read_task(task):
        ids = encode(PROMPTS[prompt].text(item.opinions), tokenizer)
        made: list[int] = []
        while len(made) < new:
            with torch.no_grad():
                logits = model(torch.tensor([ids + made])).logits[0, -1]
            token = int(logits.argmax())
            if token == tokenizer.eos_token_id:
                break
            made.append(token)
        found[item.id] = tokenizer.decode(made, skip_special_tokens=True).strip()
    return found


@pytest.mark.parametrize("name", ["llama3", "opt", "pythia"])
def test_every_batch_size_writes_what_plain_generation_writes(tmp_path, name):
    folder, task = save_model(tmp_path / "model", name), write_task(tmp_path / "task.jsonl")
    expected = plainly(folder, task, 12)
    assert len(set(expected.values())) > 1
    for size in (1, 3, 8):
        out = tmp_path / f"{size}.jsonl"
        generate_summaries(folder, [task], [out], ["tweets"], max_new_tokens=12, batch_size=size)
        rows = read_jsonl(out)
        assert [row["id"] for row in rows] == [item.id for item in read_task(task)]
        assert {row["id"]: row["summary"] for row in rows} == expected
        assert list(rows[0]) == ["id", "summary", "prompt_tokens", "opinions_seen", "finish"]
    assert read_card(tmp_path / "8.jsonl")["figures"]["smallest_margin"] > 0


def test_two_tasks_one_model(tmp_path):
    folder = save_model(tmp_path / "model")
    tasks = [write_task(tmp_path / "a.jsonl", 3), write_task(tmp_path / "b.jsonl", 5)]
    outs = [tmp_path / "out" / "a.jsonl", tmp_path / "out" / "b.jsonl"]
    made = generate_summaries(folder, tasks, outs, ["tweets", "reviews"], max_new_tokens=5)
    assert made == outs
    assert [len(read_jsonl(out)) for out in outs] == [3, 5]
    assert {row["finish"] for out in outs for row in read_jsonl(out)} <= {"stop", "length"}
    cost = read_card(outs[0])["figures"]["cost"]
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert cost["parameters"] == sum(p.numel() for p in model.parameters())
    assert cost["memory_bytes"] == cost["disk_bytes"] == 4 * cost["parameters"]
    assert 8 <= cost["tokens"] <= 8 * 5 and cost["seconds"] > 0
    assert sorted(path.name for path in outs[0].parent.iterdir()) == [
        "a.jsonl",
        "a.jsonl.card.json",
        "b.jsonl",
        "b.jsonl.card.json",
    ]


class Killed(Exception):
    pass


def test_a_killed_run_goes_on_and_ends_in_the_same_bytes(tmp_path, monkeypatch):
    folder = save_model(tmp_path / "model")
    task = write_task(tmp_path / "t.jsonl")
    options = {"max_new_tokens": 6, "batch_size": 2}
    generate_summaries(folder, [task], [tmp_path / "whole.jsonl"], ["tweets"], **options)
    out, real, batches = tmp_path / "out.jsonl", Generator.generate, []

    def at_most_two(self, batch):
        if len(batches) == 2:
            raise Killed
        batches.append([request.id for request in batch])
        return real(self, batch)

    monkeypatch.setattr(Generator, "generate", at_most_two)
    with pytest.raises(Killed):
        generate_summaries(folder, [task], [out], ["tweets"], **options)
    partial = tmp_path / ".out.jsonl.partial"
    assert not out.exists()
    assert len(partial.read_text().splitlines()) == 1 + 4
    with partial.open("a") as stream:
        stream.write('{"id": "i0", "summ')  # a line cut off by the kill
    done = {name for batch in batches for name in batch}
    batches.clear()

    def noted(self, batch):
        batches.append([request.id for request in batch])
        return real(self, batch)

    monkeypatch.setattr(Generator, "generate", noted)
    generate_summaries(folder, [task], [out], ["tweets"], **options)
    assert not done & {name for batch in batches for name in batch}
    assert sum(map(len, batches)) == 3
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert not partial.exists()


def test_a_partial_file_of_other_parameters_is_not_used(tmp_path):
    folder, task = save_model(tmp_path / "model"), write_task(tmp_path / "t.jsonl", 3)
    out = tmp_path / "out.jsonl"
    rows = [{"digest": "another"}, {"id": "i0", "summary": "stale"}]
    write_jsonl(tmp_path / ".out.jsonl.partial", rows)
    generate_summaries(folder, [task], [out], ["tweets"], max_new_tokens=3)
    assert "stale" not in out.read_text()


@pytest.fixture
def result(tmp_path):
    """A file of summaries in a run's results, and what makes it from two inputs."""
    out = tmp_path / "results/summaries/m/t/test.jsonl"
    (tmp_path / "results").mkdir()
    (tmp_path / "results/config.yaml").write_text("results: results\n")
    folder, task = save_model(tmp_path / "model"), write_task(tmp_path / "t.jsonl", 2)
    made = {}

    def make(new=3):
        generate_summaries(folder, [task], [out], ["tweets"], max_new_tokens=new)
        made["bytes"], made["cost"] = out.read_bytes(), read_card(out)["figures"]["cost"]
        for file in (out, card_path(out)):
            file.unlink()  # as Snakemake does before a job
        return made.copy()

    make.kept = out.with_name(".test.jsonl.kept")
    return make


def test_in_results_nothing_is_written_twice(result, monkeypatch):
    first = result()
    assert first["cost"]["tokens"] > 0
    monkeypatch.setattr(Generator, "generate", None)
    assert result() == first
    assert result() == first
    with pytest.raises(TypeError):
        result(new=4)


@pytest.mark.parametrize("changed", ["a row", "the seal", "the code"])
def test_what_is_kept_counts_for_the_same_alone(result, monkeypatch, changed):
    first = result()
    if changed == "the code":
        monkeypatch.setattr("fairprune.summaries.generate.code_digest", lambda _: "another")
    else:
        old, new = {"a row": ('"finish"', '"x"'), "the seal": ('"of": "', '"of": "0')}[changed]
        result.kept.write_text(result.kept.read_text().replace(old, new))
    counted, real = [], Generator.generate
    monkeypatch.setattr(Generator, "generate", lambda *a: counted.append(1) or real(*a))
    assert result()["bytes"] == first["bytes"]
    assert counted


def test_long_inputs_lose_whole_opinions_from_the_end(tmp_path):
    folder = save_model(tmp_path / "model", context=80)
    opinions = [f"w{i} w{i + 1} w{i + 2} w{i + 3} w{i + 4}" for i in range(20)]
    task = tmp_path / "t.jsonl"
    write_jsonl(task, [{"id": "long", "opinions": opinions, "labels": ["a", "b"] * 10}])
    out = tmp_path / "out.jsonl"
    generate_summaries(folder, [task], [out], ["reviews"], max_new_tokens=16)
    (row,) = read_jsonl(out)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    lengths = [len(encode(PROMPTS["reviews"].text(opinions[:n]), tokenizer)) for n in range(1, 21)]
    assert row["opinions_seen"] == sum(length + 16 <= 80 for length in lengths)
    assert 1 < row["opinions_seen"] < 20
    assert row["prompt_tokens"] == lengths[row["opinions_seen"] - 1]
    assert read_card(out)["figures"]["inputs_with_dropped_opinions"] == 1
    with pytest.raises(FairpruneError, match="'long': not even its first opinion fits"):
        generate_summaries(folder, [task], [out], ["reviews"], max_new_tokens=60)


def test_stop_texts_end_a_summary_and_are_cut_off(tmp_path):
    folder, task = save_model(tmp_path / "model"), write_task(tmp_path / "t.jsonl", 4)
    whole = plainly(folder, task, 12)
    stop = whole["i0"].split()[4]
    out = tmp_path / "out.jsonl"
    generate_summaries(folder, [task], [out], ["tweets"], max_new_tokens=12, stop=[stop])
    for row in read_jsonl(out):
        text = whole[row["id"]]
        assert row["summary"] == text.split(stop)[0].strip()
        if stop in text:
            assert row["finish"] == "stop"


def test_ends_of_the_models_own_and_reached_lengths_are_told_apart(tmp_path):
    folder, task = save_model(tmp_path / "model"), write_task(tmp_path / "t.jsonl", 4)
    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    first = plainly(folder, task, 12)["i0"].split()[3]
    # declared in the model's own generation settings, as chat models declare their end of turn
    model.generation_config.eos_token_id = [2, tokenizer.convert_tokens_to_ids(first)]
    model.save_pretrained(folder)
    out = tmp_path / "out.jsonl"
    generate_summaries(folder, [task], [out], ["tweets"], max_new_tokens=12)
    row = read_jsonl(out)[0]
    assert row["finish"] == "stop"
    assert first not in row["summary"].split()
    generate_summaries(folder, [task], [out], ["tweets"], max_new_tokens=1)
    assert read_jsonl(out)[0]["finish"] == "length"


def test_the_models_own_settings_do_not_make_it_less_greedy(tmp_path):
    folder, task = save_model(tmp_path / "model"), write_task(tmp_path / "t.jsonl", 4)
    settings = {"do_sample": True, "temperature": 2.0, "top_k": 3, "repetition_penalty": 9.0}
    settings |= {"no_repeat_ngram_size": 1, "max_length": 4, "min_new_tokens": 9}
    (folder / "generation_config.json").write_text(json.dumps(settings))
    out = tmp_path / "out.jsonl"
    generate_summaries(folder, [task], [out], ["tweets"], max_new_tokens=12)
    assert {r["id"]: r["summary"] for r in read_jsonl(out)} == plainly(folder, task, 12)


def test_chat_needs_a_template_and_uses_it(tmp_path):
    folder, task = save_model(tmp_path / "model"), write_task(tmp_path / "t.jsonl", 2)
    out = tmp_path / "out.jsonl"
    with pytest.raises(FairpruneError, match="no chat template"):
        generate_summaries(folder, [task], [out], ["tweets"], prompt_style="chat")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = (
        "{% for m in messages %}<s> w1 {{ m['content'] }} w2{% endfor %}"
        "{% if add_generation_prompt %} w3{% endif %}"
    )
    ids, _ = fit(PROMPTS["tweets"], ["w5 w6"], tokenizer, Style(True), None)
    inside = tokenizer(PROMPTS["tweets"].text(["w5 w6"]), add_special_tokens=False)["input_ids"]
    assert ids == [1, *tokenizer.convert_tokens_to_ids(["w1"]), *inside,
                   *tokenizer.convert_tokens_to_ids(["w2", "w3"])]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tasks": 2, "outputs": 1, "prompts": ["tweets"]}, "as many outputs as tasks"),
        ({"tasks": 2, "outputs": 2, "prompts": ["tweets"] * 3}, "one prompt for all"),
        ({"tasks": 1, "outputs": 1, "prompts": ["tweet"]}, "did you mean 'tweets'"),
    ],
)
def test_mistakes_come_before_the_model(tmp_path, arguments, message):
    task = write_task(tmp_path / "t.jsonl", 1)
    tasks = [task] * arguments["tasks"]
    outs = [tmp_path / f"{i}.jsonl" for i in range(arguments["outputs"])]
    with pytest.raises(FairpruneError, match=message):
        generate_summaries(tmp_path / "no model", tasks, outs, arguments["prompts"])


@needs_shared
@pytest.mark.parametrize(
    ("data", "prompt"),
    [
        ("fairsumm_tweets/us_election_groups.jsonl", "tweets"),
        ("perspectivesumm_reviews/amazon_gold.jsonl", "reviews"),
    ],
)
def test_a_trained_model_on_real_inputs(tmp_path, data, prompt):
    folder = SHARED / "models/opinion-summariser-5m"
    rows = read_jsonl(SHARED / "data" / data)[:: 190 if prompt == "tweets" else 30]
    task = tmp_path / "t.jsonl"
    task.write_text("".join(json.dumps(row) + "\n" for row in rows))
    expected = plainly(folder, task, 16, prompt)
    for size in (1, 3, 8):
        out = tmp_path / f"{size}.jsonl"
        generate_summaries(folder, [task], [out], [prompt], max_new_tokens=16, batch_size=size)
        assert {row["id"]: row["summary"] for row in read_jsonl(out)} == expected


def test_a_broken_model_gives_rows_all_the_same(tmp_path):
    folder, task = save_model(tmp_path / "model"), write_task(tmp_path / "t.jsonl", 3)
    model = AutoModelForCausalLM.from_pretrained(folder)
    model.lm_head.weight.data.fill_(1e38)
    model.save_pretrained(folder)
    out = tmp_path / "out.jsonl"
    generate_summaries(folder, [task], [out], ["tweets"], max_new_tokens=4)
    assert len(read_jsonl(out)) == 3
    assert read_card(out)["figures"]["smallest_margin"] >= 0
