"""Every entry's help says units, defaults and an example; the last line says what was made."""

import importlib
import inspect
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import typer
from typer.models import OptionInfo

from fairprune import cli, commands
from fairprune.cli_command import command

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
ENTRIES = sorted(path.stem for path in SCRIPTS.glob("*.py"))
UNITS = re.compile(
    r"tokens|windows|inputs|opinions|documents|samples|GB|share|seed|number|factor|difference|"
    r"random|pixels|seconds|of no effect",
    re.I,
)


def step(name):
    """An entry's function."""
    return getattr(importlib.import_module(name), name)


def options(name):
    """Its options: name, type, default, help."""
    for parameter in inspect.signature(step(name)).parameters.values():
        kind, *extra = get_args(parameter.annotation)
        option = next(one for one in extra if isinstance(one, OptionInfo))
        yield parameter.name, kind, parameter.default, option.help


def help_of(name):
    return typer.main.get_command(command(step(name), dict))


@pytest.mark.parametrize("name", ENTRIES)
def test_every_option_says_its_default_and_its_unit(name):
    shown = help_of(name)
    for option in shown.params:
        assert option.help, option.name
    for option, kind, _, said in options(name):
        assert said and said[-1] in ".…)", (option, said)
        if int in (kind, *get_args(kind)) or float in (kind, *get_args(kind)):
            assert UNITS.search(said) or UNITS.search(option), (option, said)
    text = " ".join(shown.get_help(typer.Context(shown)).split()).split("Options:")[1]
    for told in re.split(r" (?=--[a-z-]+ <)", text)[1:]:
        assert re.search(r"\[required\]|\[default|none|default|all", told.lower()), told


@pytest.mark.parametrize("name", ENTRIES)
def test_example_is_a_command_that_the_entry_takes(name):
    """Every option of the example is one, and none that is needed is missing."""
    said = " ".join(inspect.cleandoc(step(name).__doc__).partition("Example: ")[2].split())
    arguments = shlex.split(re.search(rf"{name}\.py ([^)]*)", said)[1])
    shown = help_of(name)
    known = {flag for parameter in shown.params for flag in parameter.opts}
    given = {word for word in arguments if word.startswith("--") and " " not in word}
    assert given <= known
    assert {p.opts[0] for p in shown.params if p.required} <= given


def test_last_line_says_what_where_how_long_and_how_much_memory(tmp_path):
    output = tmp_path / "schema.json"
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / "write_schema.py"), "--output", str(output)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{output}\n"
    line = rf"write_schema: wrote {output} \([\d.]+ kB\) in [\d.]+ s, peak memory \d+ MiB\n"
    assert re.fullmatch(line, done.stderr)


@pytest.mark.parametrize("name", ["prune", "generate-summaries"])
def test_an_example_calls_the_command_as_the_user_did(name, monkeypatch, capsys):
    """Who installed the package has no `prune_model.py`, but `fairprune prune`."""
    monkeypatch.setattr(cli, "program", None)
    monkeypatch.setattr("sys.argv", ["fairprune", name, "--help"])
    with pytest.raises(SystemExit) as stop:
        commands.main()
    said = " ".join(capsys.readouterr().out.split())
    assert stop.value.code == 0
    assert f"Example: fairprune {name} --model" in said


@pytest.mark.parametrize("name", commands.RUNS)
def test_whole_runs_have_help_too(name, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["fairprune", name, "--help"])
    commands.main()
    assert f"fairprune {name} " in capsys.readouterr().out
