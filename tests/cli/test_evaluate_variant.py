"""One process for a variant's summaries and its language ability: what two processes make."""

from pathlib import Path

import pytest
from summaries.test_generate_summaries import save_model, write_task
from transformers import GenerationConfig

from fairprune.cli_command import called
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.io.together import together
from fairprune.models import loading
from fairprune.pruning.variant import load_variant
from fairprune.summaries.generation import Generator


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a model, its masks, a task and a text, to work in."""
    monkeypatch.chdir(tmp_path)
    save_model(tmp_path / "model")
    write_task(tmp_path / "task.jsonl")
    (tmp_path / "text.txt").write_text("the tent was leaking and the staff were kind " * 40)
    pruning = "--model model --method magnitude --sparsity 0.5 --output pruned"
    called("prune_model", [], pruning)
    return tmp_path


def summaries(folder):
    return f"--task task.jsonl --prompt tweets --max-new-tokens 6 --output {folder}/s.jsonl"


def language(corpus="text.txt"):
    return f"--corpus text={corpus} --window 32"


def at_once(*parts):
    words = ["--model", "model", "--pruned", "pruned", "--output", "both/l.json"]
    return called("evaluate_variant", [*words, "--summaries", parts[0], "--language", parts[1]])


def test_it_is_what_two_processes_make(place, monkeypatch):
    loads, load = [], loading.load_weights
    monkeypatch.setattr(
        loading, "load_weights", lambda *a, **k: loads.append(a[0]) or load(*a, **k)
    )
    made = at_once(summaries("both"), language())
    assert [str(path) for path in made] == ["both/s.jsonl", "both/l.json"]
    assert len(loads) == 1
    words = ["--model", "model", "--pruned", "pruned"]
    called("generate_summaries", words, summaries("alone"))
    called("evaluate_language", words, f"{language()} --output alone/l.json")
    assert len(loads) == 3
    for name in ("s.jsonl", "l.json"):
        assert (place / "both" / name).read_bytes() == (place / "alone" / name).read_bytes()
    assert len(list(place.glob("both/.*"))) == 0


def test_what_is_loaded_for_both_is_left_as_it_was(place):
    """lm-eval's tasks that generate read a model's settings, too."""
    (place / "model/generation_config.json").write_text('{"max_new_tokens": 3, "temperature": 0.5}')
    with together():
        called("generate_summaries", ["--model", "model"], summaries("both"))
        model = load_variant(Path("model"))
    written = GenerationConfig.from_pretrained(place / "model").to_diff_dict()
    assert model.generation_config.to_diff_dict() == written
    assert not any(p.requires_grad for p in model.parameters()) and not model.training


def test_in_results_summaries_are_not_lost_where_language_ability_fails(place, monkeypatch):
    (place / "results").mkdir()
    (place / "results/config.yaml").write_text("results: results\n")
    wanted = summaries("results/summaries/m")
    with pytest.raises(FairpruneError, match="nowhere"):
        at_once(wanted, language("nowhere"))
    (whole,) = place.glob("results/summaries/m/s.jsonl")
    before, card = whole.read_bytes(), read_card(whole)
    for file in place.glob("results/summaries/m/s.jsonl*"):
        file.unlink()  # as Snakemake does with what a failed job has made
    monkeypatch.setattr(Generator, "generate", None)  # nothing is written anew
    at_once(wanted, language())
    assert whole.read_bytes() == before
    cost = read_card(whole)["figures"]["cost"]
    assert cost == card["figures"]["cost"] and cost["seconds"] > 0


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (("--tasks x", "--corpus a=b"), r"--tasks.*generate_summaries\.py"),
        ((None, "--window x"), r"window.*evaluate_language\.py"),
        (("--output 'x", "--corpus a=b"), "quot"),
    ],
)
def test_a_mistake_in_the_words_of_a_step_is_one_line(place, parts, said):
    with pytest.raises(FairpruneError, match=said):
        at_once(parts[0] or summaries("x"), parts[1])
