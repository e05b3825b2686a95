"""Digests of the code that a step uses, so that results go stale exactly when they should."""

import ast
import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from fairprune.io.hashing import sha256_file
from fairprune.io.known import Notes
from fairprune.io.project import ENTRIES, PACKAGE


def code_digest(files: Iterable[Path]) -> str:
    """Digest of Python files and of every module of this project that they import.

    Taken over the syntax trees without docstrings and comments: what does not change what the
    code does, does not change its digest. Modules that a registry imports by name are not seen
    through imports; give their files too.

    Args:
        files: the entry script, and files of methods that it looks up by name.
    """
    found = ((path, _digest_and_imports(path)[0]) for path in code_files(files))
    lines = sorted(f"{_name(path)} {digest}" for path, digest in found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def code_files(files: Iterable[Path]) -> set[Path]:
    """These Python files and those of every module of this project that they import."""
    todo, seen = [Path(file).resolve() for file in files], set()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo.extend(_digest_and_imports(path)[1])
    _notes(PACKAGE).save()
    return seen


def _name(path: Path) -> str:
    """A file's name in a checkout, also where the package is installed."""
    above = ENTRIES if path.parent == ENTRIES else PACKAGE.parent
    return path.relative_to(above).as_posix()


@cache
def _digest_and_imports(path: Path) -> tuple[str, list[Path]]:
    digest, names = _notes(PACKAGE).get(path, _digest_and_names)
    imported = [file for name in names for file in _files(name, PACKAGE)]
    above = (folder for folder in path.parents if folder.is_relative_to(PACKAGE))
    imported += [file for folder in above if (file := folder / "__init__.py").is_file()]
    return digest, list(dict.fromkeys(imported))


@cache
def _notes(package: Path) -> Notes:
    """What is known of the code; another Python, or another way to read it, finds it out anew."""
    return Notes(["code", str(package), sys.version, sha256_file(Path(__file__))])


def _digest_and_names(path: Path) -> tuple[str, list[str]]:
    """Digest of a file's syntax tree, and the names of this project that may be modules there."""
    tree = ast.parse(path.read_bytes())
    imported = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imported += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        _drop_docstring(node)
    names = [name for name in imported if name.partition(".")[0] == PACKAGE.name]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), list(dict.fromkeys(names))


@cache
def _files(name: str, package: Path) -> list[Path]:
    """The files of a module of this project: its own, and the packages above it."""
    parts = name.split(".")
    stem = package.parent.joinpath(*parts)
    found = [stem.with_suffix(".py"), stem / "__init__.py"]
    found += [package.parent.joinpath(*parts[:n], "__init__.py") for n in range(1, 9)]
    return list(dict.fromkeys(file for file in found if file.is_file()))


def _drop_docstring(node: ast.AST) -> None:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    if isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:]
