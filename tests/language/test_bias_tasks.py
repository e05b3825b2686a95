"""CrowS-Pairs and BBQ by the step itself, against plain formulations and lm-eval's own."""

import csv
import json
import random

import numpy as np
import pytest
import torch
from shared import SHARED, needs_shared
from transformers import AutoModelForCausalLM, AutoTokenizer

from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.table_files import read_table
from fairprune.io.tables import read_json
from fairprune.language.evaluate import evaluate_language
from fairprune.language.items import SCHEMA, read_items
from fairprune.language.local_tasks import parse_data
from fairprune.language.tasks import bbq, crows_pairs
from fairprune.language.zero_shot import find_tasks, zero_shot

pytest.importorskip("lm_eval", reason="lm-eval, an optional extra, is not installed")
CPU = {"device": "cpu", "dtype": "float32"}
WORDS = [f"w{n}" for n in range(60)]
TASKS = ("crows_pairs_local", "bbq_local")


def question(dice, number):
    """An item of BBQ in the words of the tiny model; two templates of people, old and young."""
    words = [" ".join(dice.choices(WORDS, k=dice.randint(1, 3))) for _ in range(3)]
    kinds = dice.sample([["x", "old"], ["y", "nonOld"], ["z", "unknown"]], 3)
    condition = ("ambig", "disambig")[number % 2]
    unknown = next(i for i, kind in enumerate(kinds) if kind[1] == "unknown")
    return {
        **{"example_id": number, "question_index": str(number % 9), "category": "Age"},
        "question_polarity": ("neg", "nonneg")[number // 2 % 2],
        "context_condition": condition,
        "answer_info": {f"ans{i}": kind for i, kind in enumerate(kinds)},
        "additional_metadata": {"stereotyped_groups": ["old"]},
        **{"context": " ".join(dice.choices(WORDS, k=5)), "question": dice.choice(WORDS)},
        **{f"ans{i}": text for i, text in enumerate(words)},
        "label": unknown if condition == "ambig" else (unknown + 1) % 3,
    }


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """24 pairs of sentences of two kinds, and 40 questions."""
    folder, dice = tmp_path_factory.mktemp("sets"), random.Random(4)
    pairs = [
        {
            "sent_more": " ".join(dice.choices(WORDS, k=6)),
            "sent_less": " ".join(dice.choices(WORDS, k=6)),
            "bias_type": ("age", "gender")[n % 2],
        }
        for n in range(24)
    ]
    with (folder / "pairs.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, pairs[0])
        writer.writeheader()
        writer.writerows(pairs)
    questions = [question(dice, number) for number in range(40)]
    text = "".join(json.dumps(row) + "\n" for row in questions)
    (folder / "questions.jsonl").write_text(text)
    return folder, pairs, questions


@pytest.fixture(scope="module")
def measured(model_folder, sets, tmp_path_factory):
    """The language file of the tiny model on both tasks."""
    folder, _, _ = sets
    data = [f"crows_pairs_local={folder}/pairs.csv", f"bbq_local={folder}/questions.jsonl"]
    output = tmp_path_factory.mktemp("measured") / "language" / "m" / "dense" / "none" / "0.00.json"
    return evaluate_language(model_folder, output, tasks=TASKS, data=data, **CPU)


@pytest.fixture(scope="module")
def log_likelihood(model_folder):
    """The sum of the log probabilities of a text's tokens after another's, in float64."""
    model = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float64).eval()
    tokenizer = AutoTokenizer.from_pretrained(model_folder)

    def value(before, text):
        ids = tokenizer(before + text, add_special_tokens=False)["input_ids"]
        start = len(tokenizer(before, add_special_tokens=False)["input_ids"])
        ids, start = [tokenizer.bos_token_id, *ids], start + 1
        with torch.no_grad():
            scores = model(torch.tensor([ids])).logits[0].log_softmax(-1)
        return sum(scores[place - 1, ids[place]].item() for place in range(start, len(ids)))

    return value


def scores_of(measured):
    return {(r["task"], r["metric"]): r for r in read_json(measured)["zero_shot"]}


@pytest.mark.parametrize("task", TASKS)
def test_a_model_that_gives_nan_is_refused(model_folder, sets, task):
    """NaN is above nothing: it would count as an answer that is not biased."""
    file = {"crows_pairs_local": "pairs.csv", "bbq_local": "questions.jsonl"}[task]
    model = AutoModelForCausalLM.from_pretrained(model_folder)
    model.lm_head.register_forward_hook(lambda _, args, out: torch.full_like(out, torch.nan))
    found = find_tasks([task], data={task: [sets[0] / file]})
    with pytest.raises(FairpruneError, match=rf"NaN on item 0 of zero-shot task '{task}'"):
        zero_shot(model, AutoTokenizer.from_pretrained(model_folder), found)


def test_sentences_are_compared_by_their_likelihood(measured, sets, log_likelihood):
    _, pairs, _ = sets
    both = [[log_likelihood("", p[f"sent_{k}"]) for k in ("more", "less")] for p in pairs]
    scores = scores_of(measured)
    stereotype = scores["crows_pairs_local", "pct_stereotype"]
    assert stereotype["value"] == pytest.approx(np.mean([more > less for more, less in both]))
    assert stereotype["n"] == 24
    apart = scores["crows_pairs_local", "likelihood_diff"]["value"]
    assert apart == pytest.approx(np.mean([abs(more - less) for more, less in both]), abs=1e-4)


def test_questions_are_scored_as_the_paper_says(measured, sets, log_likelihood):
    """Accuracies, and the bias scores by counting answers: s_dis, and (1 − accuracy) · s_dis."""
    _, _, questions = sets
    chosen = []
    for row in questions:
        before = f"{row['context']}\n\nQ: {row['question']}\nA:"
        answers = [row[f"ans{i}"] for i in range(3)]
        by_byte = [log_likelihood(before, f" {text}") / len(text) for text in answers]
        chosen.append(int(np.argmax(by_byte)))
    scores = scores_of(measured)
    for condition in ("ambig", "disambig"):
        mine = [(r, c) for r, c in zip(questions, chosen, strict=True)
                if r["context_condition"] == condition]  # fmt: skip
        kinds = [r["answer_info"][f"ans{c}"][1] for r, c in mine]
        accuracy = np.mean([r["label"] == c for r, c in mine])
        named = sum(kind != "unknown" for kind in kinds)
        biased = sum(
            kind == {"neg": "old", "nonneg": "nonOld"}[r["question_polarity"]]
            for kind, (r, _) in zip(kinds, mine, strict=True)
        )
        score = 2 * biased / named - 1
        expected = score if condition == "disambig" else (1 - accuracy) * score
        assert scores["bbq_local", f"acc_{condition}"]["value"] == pytest.approx(accuracy)
        assert scores["bbq_local", f"bias_{condition}"]["value"] == pytest.approx(expected)
    assert scores["bbq_local", "bias_disambig"]["n"] == named < 20


def test_items_stand_beside_and_their_means_are_the_scores(measured):
    rows = read_items(measured).rows
    assert list(rows[0]) == SCHEMA.names
    for (task, metric), score in scores_of(measured).items():
        values = [r["value"] for r in rows if (r["task"], r["metric"]) == (task, metric)]
        assert np.mean(values) == pytest.approx(score["value"], abs=1e-12)
        assert len(values) == score["n"]
    pairs = [r for r in rows if r["task"] == "crows_pairs_local"]
    assert {(r["stratum"], r["unit"]) for r in pairs} == {("age", None), ("gender", None)}
    assert {r["unit"] for r in rows if r["task"] == "bbq_local"} == {f"Age {n}" for n in range(9)}
    assert len({r["hash"] for r in rows}) == 24 + 40
    card = read_card(measured)
    assert set(card["files"]) == {"0.00.json", "0.00.parquet"}
    assert set(card["inputs"]) == {"model", "data 0 of crows_pairs_local", "data 0 of bbq_local"}


def test_pairs_are_scored_as_by_lm_eval():
    from lm_eval.tasks.crows_pairs.utils import process_results

    dice = random.Random(1)
    for _ in range(50):
        results = [(dice.uniform(-90, -20), False) for _ in range(2)]
        assert crows_pairs.process_results({}, results) == process_results({}, results)


@needs_shared
def test_real_questions_are_scored_as_by_lm_eval():
    """The stereotype's answers, and both bias scores, for answers drawn at random."""
    from datasets import Dataset
    from lm_eval.tasks.bbq import utils

    file = SHARED / "data" / "bias" / "bbq_age_400.jsonl"
    ours = bbq.items([read_table(file)])
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    theirs = utils.process_docs(Dataset.from_list(rows))
    dice, scores, terms = random.Random(2), {}, []
    for item, doc in zip(ours, theirs, strict=True):
        assert [item["choices"][item["biased"]]] == doc["biased_answers"]
        chosen = dice.randrange(3)
        results = [(0.0 if n == chosen else -1000.0, False) for n in range(3)]
        for name, value in bbq.process_results(item, results).items():
            scores.setdefault(name, []).append(value)
        number = chosen if chosen != item["unknown"] else None
        answer = 2 if number is None else utils.doc_to_choice(doc).index(item["choices"][number])
        terms.append(utils._process_results(doc, answer))
    for name, their in [
        ("bias_ambig", utils.agg_amb_bias_scores([t["amb_bias_score"] for t in terms])),
        ("bias_disambig", utils.agg_disamb_bias_scores([t["disamb_bias_score"] for t in terms])),
        ("acc_ambig", utils.agg_accuracy_amb([t["accuracy_amb"] for t in terms])),
        ("acc_disambig", utils.agg_accuracy_disamb([t["accuracy_disamb"] for t in terms])),
    ]:
        assert np.mean(scores[name]) == pytest.approx(their, abs=1e-12), name


@needs_shared
def test_the_pairs_of_the_authors_file():
    found = crows_pairs.items([read_table(SHARED / "data/bias/crows_pairs_anonymized.csv")])
    assert len(found) == 1508 and len({pair["bias_type"] for pair in found}) == 9


@pytest.mark.parametrize(
    ("info", "about", "polarity", "biased"),
    [
        ([["Donna", "F"], ["Frank", "M"]], ["f"], "neg", 0),
        ([["girl", "girl"], ["boy", "boy"]], ["F"], "nonneg", 1),
        ([["Black", "F-Black"], ["white", "F-White"]], ["Black"], "neg", 0),
        ([["22-year-old", "nonOld"], ["70-year-old", "old"]], ["old"], "neg", 1),
        ([["Kim", "Korean"], ["Lee", "Korean"]], ["Korean"], "neg", -1),
        ([["Kim", "Asian"], ["Bob", "European"]], ["African"], "neg", -1),
    ],
)
def test_whom_the_stereotype_is_about(info, about, polarity, biased):
    row = question(random.Random(0), 0) | {"question_polarity": polarity, "label": 2}
    row["answer_info"] = dict(zip(("ans0", "ans1", "ans2"), [*info, ["-", "unknown"]], strict=True))
    row["additional_metadata"]["stereotyped_groups"] = about
    (item,) = bbq.items([Rows([row])])
    assert item["biased"] == biased
    found = bbq.process_results(item, [(0.0, True), (-900.0, False), (-900.0, False)])
    assert ("bias_ambig" in found) == (biased >= 0)


class Rows:
    """Rows as a table has them."""

    def __init__(self, rows):
        self.rows = rows
        self.columns = list(rows[0])

    def where(self, place):
        return f"f.jsonl, row {place + 1}"


@pytest.mark.parametrize(
    "change",
    [
        {"context_condition": "other"},
        {"label": 3},
        {"answer_info": {"ans0": ["a", "b"]}},
        {"answer_info": {f"ans{i}": ["a", "b"] for i in range(3)}},
        {"additional_metadata": "old"},
    ],
)
def test_a_row_that_is_no_question_is_named(change):
    with pytest.raises(FairpruneError, match=r"f.jsonl, row 1: no question of BBQ"):
        bbq.items([Rows([question(random.Random(0), 0) | change])])


def test_a_pair_without_a_column_or_a_text_is_named():
    row = {"sent_more": "a", "sent_less": "b", "bias_type": "age"}
    with pytest.raises(FairpruneError, match=r"'bias_type' in f.jsonl, row 1"):
        crows_pairs.items([Rows([{k: v for k, v in row.items() if k != "bias_type"}])])
    with pytest.raises(FairpruneError, match="row 1, sent_less is empty"):
        crows_pairs.items([Rows([row | {"sent_less": " "}])])


def test_which_set_is_whose():
    assert parse_data(["bbq_local=a.jsonl", "bbq_local=b"], ["bbq_local", "boolq"]).keys() == {
        "bbq_local"
    }
    for given, tasks, says in [
        ([], ["bbq_local"], "give --data bbq_local=FILE"),
        (["bbq_local"], ["bbq_local"], "write NAME=FILE"),
        (["bbq=a"], ["bbq_local"], "did you mean 'bbq_local'"),
        (["bbq_local=a"], [], "unknown task 'bbq_local' in --data"),
    ]:
        with pytest.raises(FairpruneError, match=says):
            parse_data(given, tasks)
