"""Imports go one way: between packages as the architecture says, and between files in no circle."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "scripts/fairprune"

# From the bottom up: a package may import those of earlier rows, and its own.
LAYERS = [
    {"__init__", "errors", "present"},
    {"values", "tokens"},
    {"io", "registry", "text"},
    {"config_base"},
    {"config_judging", "config_summaries", "config_calibration", "config_models"},
    {"config"},
    {"config_file"},
    {"models"},
    {"data"},
    {"statistics"},
    {"pruning"},
    {"summaries", "language", "fairness"},
    {"quality", "bias"},
    {"human"},
    {"report"},
    {"figures", "publishing"},
    {"workflow"},
    {"cli_paths"},
    {"cli_command"},
    {"cli"},
    {"cli_groups"},
    {"commands"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(PACKAGE).with_suffix("").parts)


FILES = {name_of(file): file for file in sorted(PACKAGE.rglob("*.py"))}


def imports(file: Path) -> set[str]:
    """Modules of this project that a file imports anywhere, also inside its functions."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    names = {name.removeprefix("fairprune.") for name in found if name.startswith("fairprune.")}
    return names & FILES.keys()


GRAPH = {name: imports(file) - {name} for name, file in FILES.items()}


def package(name: str) -> str:
    return name.partition(".")[0]


def test_every_package_has_its_place():
    assert {package(name) for name in FILES} == LEVEL.keys()


@pytest.mark.parametrize("name", FILES)
def test_a_file_imports_from_below(name):
    own = package(name)
    others = {other for other in GRAPH[name] if package(other) != own}
    assert not [other for other in others if LEVEL[package(other)] >= LEVEL[own]]


def test_no_circle_of_files():
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_no_file_knows_snakemake():
    for file in FILES.values():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert not [name for name in names if name.partition(".")[0] == "snakemake"], file
