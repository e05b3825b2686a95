"""Every rule's environment holds what its step may import, also what no run here comes to."""

import ast
import importlib.metadata
import re
import sys

import pytest
import yaml

from cluster.conftest import ROOT

SCRIPTS = ROOT / "scripts"
FOUND_BY_NAME = ("pruning", "fairness", "data/importers")  # their methods: one of them a job
WITH_TORCH = {"triton"}  # its builds for CUDA bring it, and without it a step goes on
DISTRIBUTIONS = importlib.metadata.packages_distributions()


def steps():
    """(entry, environment) of every rule."""
    found = set()
    for file in sorted((ROOT / "rules").glob("*.smk")):
        for rule in re.split(r"^ *(?:use )?rule ", file.read_text(), flags=re.M):
            entry = re.search(r'script_path\("(\w+\.py)"\)', rule)
            environment = re.search(r"envs/(\w+)\.yaml", rule)
            if entry and environment:
                found.add((entry[1], environment[1]))
    return sorted(found)


def imports(path):
    """Names of modules that a file imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def needed(entry, with_methods):
    """The distributions that an entry and the modules behind it import."""
    todo, seen, modules = [SCRIPTS / entry], set(), set()
    if with_methods:
        todo += [
            f for folder in FOUND_BY_NAME for f in (SCRIPTS / "fairprune" / folder).rglob("*.py")
        ]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in imports(path):
            stem = SCRIPTS.joinpath(*name.split("."))
            ours = [f for f in (stem.with_suffix(".py"), stem / "__init__.py") if f.is_file()]
            todo += ours
            if not ours and name.partition(".")[0] != "fairprune":
                modules.add(name.partition(".")[0])
    modules -= {*sys.stdlib_module_names, *WITH_TORCH}
    return {DISTRIBUTIONS.get(name, [name])[0] for name in modules}


@pytest.mark.parametrize(("entry", "environment"), steps())
def test_environment_holds_what_a_step_imports(entry, environment):
    pins = yaml.safe_load((ROOT / f"envs/{environment}.yaml").read_text())["dependencies"][-1][
        "pip"
    ]
    held = {re.sub(r"[-_.]+", "-", pin.partition("==")[0]).lower() for pin in pins}
    wanted = needed(entry, with_methods="torch" in held)
    assert {re.sub(r"[-_.]+", "-", name).lower() for name in wanted} <= held
