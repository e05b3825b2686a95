"""The page of the Python interface: whole, and true."""

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest
from page_module import page_module

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def page():
    return page_module("api_page")


def test_every_entry_is_there_but_those_without_a_step(page):
    entries = {f.stem.replace("_", "-") for f in (DOCS.parent / "scripts").glob("*.py")}
    without = {"download-file", "evaluate-variant", "new-config", "write-schema"}
    assert entries - set(page.steps()) == without


@pytest.fixture(scope="module")
def functions(page):
    """Dotted name → function, of all that the page holds."""
    names = [*page.steps().values(), *(n for group in page.BESIDE.values() for n in group)]
    split = {name: name.rpartition(".") for name in names}
    return {name: getattr(import_module(m), last) for name, (m, _, last) in split.items()}


def test_every_function_says_what_it_takes(page, functions):
    text = page.api()
    for name, function in functions.items():
        module, _, last = name.rpartition(".")
        assert f"from {module} import {last}\n" in text
        assert (function.__doc__ or "").splitlines()[0] in text


def test_every_argument_is_explained(functions):
    unexplained = {}
    for name, function in functions.items():
        listed = re.findall(r"^ +(\w+(?:, \w+)*): ", function.__doc__, re.MULTILINE)
        known = {one for several in listed for one in several.split(", ")}
        known |= set(re.findall(r"`(\w+)`", function.__doc__))
        if left := set(inspect.signature(function).parameters) - known:
            unexplained[name] = left
    assert unexplained == {}


def test_types_are_written_alike_whether_their_module_puts_off_annotations(page):
    text = page.api()
    assert "    model: Path,\n" in text
    assert "    norms: Sequence[str] = (),\n" in text
    assert "    loss: Loss = 'full',\n" in text  # a default is a text and stays one
    assert "-> Path | None\n" in text
    assert "    output: Path,\n    *,\n    loss: " in text
    assert ": 'Path'" not in text and "pathlib." not in text and " at 0x" not in text


def test_where_the_results_of_a_run_come_from_is_said(page):
    text = page.api()
    assert "from `find_results`" in text
    assert "from fairprune.report.find import find_results\n" in text
