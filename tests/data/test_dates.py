"""The day that a chat template prints is part of the run, not of the calendar."""

import json

import pytest
from summaries.test_generate_summaries import save_model, write_task
from transformers import AutoTokenizer

from fairprune import config_file
from fairprune.data.calibration import prepare_calibration
from fairprune.data.chat import dated
from fairprune.data.prompts import PROMPTS, render
from fairprune.data.styles import Style
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.summaries.generate import generate_summaries
from fairprune.workflow.every_file import Wildcards
from fairprune.workflow.jobs import Jobs

# As in Llama 3.1 and later, and as in Granite; w1 is the first of the month, w2 any other day.
DAY = "{% if strftime_now('%d') == '01' %}w1{% else %}w2{% endif %}"
TEMPLATE = (
    "{% if not date_string is defined %}{% set date_string = strftime_now('%d %b %Y') %}{% endif %}"
    "<s> {{ date_string }} " + DAY + "{% for m in messages %} {{ m['content'] }}{% endfor %}"
)


@pytest.fixture
def model(tmp_path):
    folder = save_model(tmp_path / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    return folder


def test_templates_are_told_one_day(model):
    tokenizer = AutoTokenizer.from_pretrained(model)
    first, other = (
        tokenizer.convert_ids_to_tokens(
            render(PROMPTS["tweets"], ["w5"], tokenizer, Style(True, date))
        )
        for date in ("2026-03-01", "2026-03-02")
    )
    assert "w1" in first and "w2" in other
    assert render(PROMPTS["tweets"], ["w5"], tokenizer, Style(True)) == (
        render(PROMPTS["tweets"], ["w5"], tokenizer, Style(True, "2026-01-01"))
    )


def test_a_day_that_cannot_be_fixed_is_refused():
    assert dated('{{ strftime_now( format = "%d" ) }}', "2026-03-02") == '{{ "02" }}'
    assert dated("{{ 'is_strftime_now' }}", "2026-03-02") == "{{ 'is_strftime_now' }}"
    with pytest.raises(FairpruneError, match="differ from day to day"):
        dated("{% set f = '%d' %}{{ strftime_now(f) }}", "2026-03-02")


def test_a_template_that_fails_is_one_line(model):
    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.chat_template = "{{ raise_exception('no system\nhere') }}"
    with pytest.raises(FairpruneError, match=r"template in .* cannot be used \(no system here"):
        render(PROMPTS["tweets"], ["w5"], tokenizer, Style(True))


def test_it_stands_in_the_cards(model, tmp_path):
    task, out = write_task(tmp_path / "t.jsonl", 2), tmp_path / "out.jsonl"
    options = {"prompt_style": "chat", "date": "2026-03-02"}
    generate_summaries(model, [task], [out], ["tweets"], max_new_tokens=4, **options)
    assert read_card(out)["parameters"]["date"] == "2026-03-02"
    prepare_calibration(
        model, task, tmp_path / "c", prompt="tweets", samples=1, length=8, **options
    )
    assert read_card(tmp_path / "c")["parameters"]["date"] == "2026-03-02"
    generate_summaries(model, [task], [out], ["tweets"], max_new_tokens=4)
    assert read_card(out)["parameters"]["date"] is None


def test_it_is_one_value_of_the_configuration(tmp_path):
    raw = {
        "models": {"m": {"path": "m", "prompt_style": "chat"}, "n": {"path": "n"}},
        "tasks": {
            "t": {"files": ["t"], "prompt": "tweets", "calibration": {"s": {"mix": "random"}}}
        },
        "methods": {"wanda": {}},
        "grid": [{"sparsities": [0.5]}],
    }
    file = tmp_path / "c.yaml"
    file.write_text(json.dumps(raw)[:-1] + ", date: 2026-03-02}")  # YAML makes a day of it
    jobs = Jobs(config_file.read(file))
    assert "--date 2026-03-02" in jobs.calibration_options(Wildcards(model="m", calibration="t.s"))
    assert "--date" not in jobs.calibration_options(Wildcards(model="n", calibration="t.s"))
    assert jobs.style("m") == ["--prompt-style", "chat", "--date", "2026-03-02"]
    with pytest.raises(FairpruneError, match="date: "):
        config_file.parse(raw | {"date": "2026-02-30"})
