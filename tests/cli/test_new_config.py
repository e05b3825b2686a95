"""`make new-config`: a few answers make a configuration that the workflow takes."""

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from fairprune import config_file
from fairprune.workflow.known import check_known

ROOT = Path(__file__).resolve().parents[2]
ENTRY = ROOT / "scripts/new_config.py"
HUB = "TinyLlama/TinyLlama-1.1B-Chat-v1.0@fe8a4ea1ffedaf415f4da2f062534de366a451e6"


def new_config(folder, *arguments, answers=""):
    return subprocess.run(
        [sys.executable, str(ENTRY), *arguments],
        input=answers,
        capture_output=True,
        text=True,
        cwd=folder,
    )


@pytest.fixture
def folder(tmp_path):
    """A working directory with a model folder and 50 reviews."""
    (tmp_path / "model").symlink_to(ROOT / "data/demo/model")
    rows = "".join(f"text {i},{'good' if i % 2 else 'bad'}\n" for i in range(50))
    (tmp_path / "mine.csv").write_text("text,label\n" + rows)
    return tmp_path


def test_answers_on_stdin_make_a_valid_configuration(folder):
    done = new_config(folder, answers="model\nmine.csv\nreviews\n0\n0.5, 2of4\nmine.yaml\n")
    assert (done.returncode, done.stdout) == (0, "mine.yaml\n"), done.stderr
    text = (folder / "mine.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=")
    config = config_file.read(folder / "mine.yaml")
    check_known(config)
    jsonschema.validate(yaml.safe_load(text), json.loads((ROOT / "config/schema.json").read_text()))
    assert config.grid[0].sparsities == ["0.50", "2of4"]
    assert config.tasks["mine"].groups == ["bad", "good"]
    assert (config.tasks["mine"].per_input, config.device) == ("auto", "cpu")
    assert "per_input: auto    # 5 inputs of 6 from 30 opinions; 20 are the least" in text


def test_options_answer_too_and_a_word_gets_a_prompt(folder):
    inputs = [{"input": f"a{i} || b{i}", "stance": "for,against"} for i in range(12)]
    (folder / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in inputs))
    done = new_config(
        folder,
        *("--model", HUB, "--data", "x.jsonl", "--columns", "labels=stance"),
        *("--kind", "comments", "--gpu-memory", "24", "--sparsities", "0.3"),
        *("--output", "sub/new.yaml"),
    )
    assert done.returncode == 0, done.stderr
    config = config_file.read(folder / "sub/new.yaml")
    assert config.models["tinyllama-1-1b-chat-v1-0"].revision.startswith("fe8a4ea1")
    assert "comments" in config.prompts["comments"].after
    assert config.tasks["x"].columns == {"labels": "stance"}
    assert config.device == "auto"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "nowhere"}, "neither a folder with a config.json nor OWNER/NAME@COMMIT"),
        ({"data": "none.csv"}, "none.csv does not exist"),
        ({"data": "one.csv"}, "opinions of two groups"),
        ({"data": "few.csv"}, "too few opinions of a group"),
        ({"kind": "Some Reviews"}, "one word in small letters"),
        ({"gpu-memory": "much"}, "GB of GPU memory are expected"),
        ({"sparsities": "50"}, "within 0.05 and 0.95"),
        ({"sparsities": ","}, "at least one sparsity"),
        ({"output": "mine.csv"}, "ends in .yaml"),
        ({"output": "there.yaml"}, "exists and is left alone"),
    ],
)
def test_wrong_answer_is_one_line_and_writes_nothing(folder, changes, said):
    (folder / "one.csv").write_text("text,label\na,x\nb,x\n")
    (folder / "few.csv").write_text("text,label\na,x\nb,y\n")
    (folder / "there.yaml").write_text("kept\n")
    before = sorted(folder.iterdir())
    answers = {"model": "model", "data": "mine.csv", "kind": "reviews", "gpu-memory": "0"}
    answers |= {"sparsities": "0.5", "output": "new.yaml"} | changes
    options = [part for key, value in answers.items() for part in (f"--{key}", value)]
    done = new_config(folder, *options)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert sorted(folder.iterdir()) == before
    assert (folder / "there.yaml").read_text() == "kept\n"


def test_answers_that_end_early_are_named(folder):
    done = new_config(folder, answers="model\n")
    assert done.returncode == 1
    assert "no answer to 'File of labelled opinions'" in done.stderr
    assert done.stdout == ""


def stars(folder):
    """200 reviews as a spreadsheet of a German shop saves them: semicolons, cp1252, stars."""
    lines = ["Nr;Bewertung;Sterne;Produkt"]
    for i in range(200):
        star = (1, 2, 3, 4, 5, 5, 1)[i % 7]
        text = "gehört; läuft" if star > 3 else "„kaputt“" if star < 3 else "geht so"
        lines.append(f'{i};"Nr. {i}: {text}";{star};P{i % 8}')
    content = "\r\n".join([*lines, ";;;", ";;;", ""])
    (folder / "bewertungen.csv").write_bytes(content.encode("cp1252"))


@pytest.mark.parametrize("about", ["none", "Produkt"])
def test_stars_in_columns_of_other_names(folder, about):
    stars(folder)
    answers = ["model", "bewertungen.csv", "", "sterne", "", "", about, "", "", "0.5", ""]
    done = new_config(folder, answers="\n".join([*answers, ""]))
    assert done.returncode == 0, done.stderr
    assert "Bewertung: Nr. 0: „kaputt“" in done.stderr
    config = config_file.read(folder / "mine.yaml")
    check_known(config)
    task = config.tasks["bewertungen"]
    assert task.columns == {"text": "Bewertung", "labels": "Sterne"}
    assert task.labels == {"neg": ["1-2.5"], "neu": ["3"], "pos": ["3.5-5"]}
    assert (task.ignore, task.groups, task.pair) == (["neu"], ["neg", "pos"], ("neg", "pos"))
    assert task.group_by == (None if about == "none" else about)
    assert "inputs of" in (folder / "mine.yaml").read_text()


def test_what_a_file_does_not_say_is_asked(folder):
    rows = "".join(f"я {i};{i % 2};b,c\n" for i in range(60))
    (folder / "o.csv").write_bytes(f"text;label;x,y\n{rows}".encode("cp1251"))
    answers = ["model", "o.csv", "cp1251", ";", "", "", "", ""]
    done = new_config(folder, answers="\n".join([*answers, ""]))
    assert done.returncode == 0, done.stderr
    assert "say its encoding" in done.stderr
    assert "could be separated by" in done.stderr
    task = config_file.read(folder / "mine.yaml").tasks["o"]
    assert (task.encoding, task.delimiter, task.groups) == ("cp1251", ";", ["0", "1"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text,label\na,x\n ,y\n", "row 2, column 'text' is empty"),
        ("text,label\na,x\nb,y\n", "too few opinions of a group ('x' 1, 'y' 1)"),
        ("review,label\na,x\n", "no answer to 'Column of the texts': give it as an option"),
    ],
)
def test_what_a_run_would_refuse_is_refused(folder, content, said):
    (folder / "w.csv").write_text(content)
    done = new_config(folder, "--model", "model", "--data", "w.csv", "--output", "w.yaml")
    assert done.returncode == 1
    assert said in done.stderr
    assert not (folder / "w.yaml").exists()
