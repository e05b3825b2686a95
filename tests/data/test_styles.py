"""How prompts are put to models: arguments of chat templates, and system texts."""

import json
import shlex

import pytest
from faults.harness import Bench
from safetensors.numpy import load_file
from summaries.test_generate_summaries import save_model, write_task
from transformers import AutoTokenizer

from fairprune import config_file
from fairprune.data.calibration import prepare_calibration
from fairprune.data.chat import argument_names, read_arguments
from fairprune.data.prompts import PROMPTS, render
from fairprune.data.styles import PLAIN, Style, style_for
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.summaries.generate import generate_summaries
from fairprune.workflow.every_file import Wildcards
from fairprune.workflow.jobs import Jobs

TURNS = "{% for m in messages %} {{ m['role'] }} {{ m['content'] | trim }}{% endfor %}"
# In the manner of Qwen3: a closed thought stands there already where none is wanted.
THINKING = (
    "{{ bos_token }}" + TURNS + "{% if add_generation_prompt %} w1"
    "{% if enable_thinking is defined and enable_thinking is false %} w2 w3{% endif %}{% endif %}"
)
# In the manner of SmolLM3 (a block of its own kind) and Granite (a name with a default).
OTHERS = (
    "{% set level = level | default('w7') %}{% set found = namespace(n=0) %}{{ level }}"
    "{% for m in messages %}{% generation %} {{ m['content'] }}{% endgeneration %}"
    "{% if found.n > 3 %}{% break %}{% endif %}{% endfor %}"
)
# In the manner of Gemma, and one that goes over what users say alone.
REFUSING = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"  # noqa: E501
DROPPING = "{% for m in messages if m['role'] == 'user' %} {{ m['content'] }}{% endfor %}"


def with_template(folder, template):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture
def folder(tmp_path):
    return save_model(tmp_path / "model")


def words(tokenizer, style):
    return tokenizer.decode(render(PROMPTS["tweets"], ["w50"], tokenizer, style)).split()


def test_thinking_is_off_where_the_template_knows_of_it(folder):
    tokenizer = with_template(folder, THINKING)
    style = style_for(tokenizer, "chat")
    assert style.arguments == {"enable_thinking": False}
    assert words(tokenizer, style)[-3:] == ["w1", "w2", "w3"]
    style = style_for(tokenizer, "chat", template=["enable_thinking=true"])
    assert words(tokenizer, style)[-1] == "w1"
    assert style_for(with_template(folder, OTHERS), "chat").arguments == {}
    assert style_for(tokenizer, "plain") == PLAIN


def test_arguments_reach_the_template(folder):
    tokenizer = with_template(folder, OTHERS)
    told = {
        value: words(tokenizer, style_for(tokenizer, "chat", template=value))[0]
        for value in ((), ("level=w9",), ("level=5",))
    }
    assert told == {(): "w7", ("level=w9",): "w9", ("level=5",): "<unk>"}


def test_names_that_templates_know():
    assert argument_names(THINKING, {"bos_token": "<s>"}) == ["enable_thinking"]
    assert argument_names(OTHERS) == ["level"]
    assert argument_names("{{ strftime_now('%d') }}{{ range(3) }}{{ namespace() }}") == []
    assert argument_names("{% for %}") is None


@pytest.mark.parametrize(
    ("template", "given", "says"),
    [
        (
            THINKING,
            "enable_thinkin=false",
            r"did you mean 'enable_thinking'\? Known: enable_thinking",
        ),
        (THINKING, "messages=x", "unknown argument 'messages'"),
        (THINKING, "bos_token=x", "unknown argument 'bos_token'"),
        (TURNS, "enable_thinking=true", "takes no arguments: leave out --template enable_thinking"),
        (THINKING, "enable_thinking", "KEY=VALUE is expected"),
        (THINKING, "two words=1", "KEY=VALUE is expected"),
    ],
)
def test_arguments_that_are_refused(folder, template, given, says):
    tokenizer = with_template(folder, template)
    with pytest.raises(FairpruneError, match=says) as refused:
        style_for(tokenizer, "chat", template=[given])
    assert "\n" not in str(refused.value)


def test_kinds_of_values():
    texts = ["a=true", "b=3", "c=0.5", "d=low", 'e="true"', "f=", "g=NaN", "h=[1]", "i=null"]
    assert read_arguments(texts) == {
        "a": True, "b": 3, "c": 0.5, "d": "low", "e": "true", "f": "", "g": "NaN", "h": "[1]",
        "i": "null",
    }  # fmt: skip
    with pytest.raises(FairpruneError, match="--template a is given twice"):
        read_arguments(["a=1", "a=2"])


def test_a_system_text_stands_before_the_user(folder):
    tokenizer = with_template(folder, THINKING)
    style = style_for(tokenizer, "chat", system=" w60 w61\n")
    found = words(tokenizer, style)
    role = found.index("w60") - 1
    assert found[role + 1 : role + 3] == ["w60", "w61"]
    assert "w60" not in words(tokenizer, style_for(tokenizer, "chat"))


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (REFUSING + TURNS, r"with a system text \(System role not supported\): leave it out"),
        (DROPPING, "takes no system text, and would drop it"),
    ],
)
def test_a_template_without_a_place_for_it(folder, tmp_path, template, says):
    tokenizer = with_template(folder, template)
    assert words(tokenizer, Style(True))
    task, out = write_task(tmp_path / "t.jsonl", 2), tmp_path / "out.jsonl"
    options = {"prompt_style": "chat", "system": "w60", "max_new_tokens": 2}
    with pytest.raises(FairpruneError, match=says):
        generate_summaries(folder, [task], [out], ["tweets"], **options)
    assert not out.exists()


def test_without_chat_they_are_refused(folder):
    tokenizer = with_template(folder, THINKING)
    with pytest.raises(FairpruneError, match=r"--template is for .*chat"):
        style_for(tokenizer, "plain", template=["enable_thinking=true"])
    with pytest.raises(FairpruneError, match=r"--system is for .*chat"):
        style_for(tokenizer, "plain", system="x")


def test_they_stand_in_the_cards_and_change_the_windows(folder, tmp_path):
    with_template(folder, THINKING)
    write_task(tmp_path / "t.jsonl", 2)
    common = ["--model", "model", "--prompt", "tweets", "--prompt-style", "chat"]
    bench, found = Bench(tmp_path), []
    for more in ([], ["--template", "enable_thinking=true"], ["--system", "w60"]):
        own = ["--texts", "t.jsonl", "--samples", "2", "--length", "40", "--output", "c"]
        assert bench.entry("prepare_calibration", *common, *own, *more).code == 0
        asked = ["--task", "t.jsonl", "--output", "s.jsonl", "--max-new-tokens", "2"]
        assert bench.entry("generate_summaries", *common, *asked, *more).code == 0
        for card in (read_card(tmp_path / "c"), read_card(tmp_path / "s.jsonl")):
            assert card["parameters"]["template"] == {"enable_thinking": "--template" in more}
            assert card["parameters"]["system"] == ("w60" if "--system" in more else None)
        found.append(load_file(tmp_path / "c")["input_ids"].tobytes())
    assert len(set(found)) == 3
    prepare_calibration(
        folder, tmp_path / "t.jsonl", tmp_path / "c", prompt="tweets", samples=2, length=8
    )
    assert read_card(tmp_path / "c")["parameters"]["template"] is None


RAW = {
    "models": {"m": {"path": "m", "prompt_style": "chat"}, "n": {"path": "n"}},
    "tasks": {"t": {"files": ["t"], "prompt": "tweets", "calibration": {"s": {"mix": "random"}}}},
    "methods": {"wanda": {}},
    "grid": [{"sparsities": [0.5]}],
}


def test_the_workflow_hands_them_on_as_they_are(folder):
    told = {"enable_thinking": False, "level": "true", "n": 2, "of": 0.5, "who": "it's $x"}
    asked = {"path": "m", "prompt_style": "chat", "template": told, "system": 'Be "brief".\n{x}'}
    jobs = Jobs(config_file.parse(RAW | {"models": RAW["models"] | {"m": asked}}))
    options = jobs.calibration_options(Wildcards(model="m", calibration="t.s"))
    found = shlex.split(options)
    assert jobs.style("m") == found[found.index("--prompt-style") :]
    given = [found[i + 1] for i, word in enumerate(found) if word == "--template"]
    assert json.dumps(read_arguments(given)) == json.dumps(told)
    assert found[found.index("--system") + 1] == asked["system"]
    assert "--system" not in jobs.style("n") and "--template" not in jobs.style("n")


@pytest.mark.parametrize("value", [{"template": {"a": 1}}, {"system": "x"}])
def test_a_configuration_without_chat(value):
    raw = RAW | {"models": {"n": {"path": "n"} | value}}
    with pytest.raises(FairpruneError, match=r"models\.n: .*need prompt_style: chat"):
        config_file.parse(raw, "my.yaml")
