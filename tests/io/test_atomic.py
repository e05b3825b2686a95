"""Writes are whole or not there."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_file, atomic_folder, write_text

SCRIPTS = Path(__file__).parents[2] / "scripts"
STAGE = "some_step"
CARD = '{"stage": "some_step", "files": {"a": {}}}'


def test_file_appears_whole(tmp_path):
    write_text(tmp_path / "deep" / "a.txt", "ü")
    assert (tmp_path / "deep" / "a.txt").read_text(encoding="utf-8") == "ü"
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["a.txt"]


def test_failed_file_leaves_the_old_one(tmp_path):
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError), atomic_file(target) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_failed_folder_leaves_the_old_one(tmp_path):
    target = tmp_path / "folder"
    with atomic_folder(target, STAGE) as partial:
        (partial / "a").write_text("old")
        (partial / "card.json").write_text(CARD)
    with pytest.raises(RuntimeError), atomic_folder(target, STAGE) as partial:
        (partial / "a").write_text("half")
        raise RuntimeError
    assert (target / "a").read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_folder_replaces_the_old_one_whole(tmp_path):
    target = tmp_path / "folder"
    for name in ("old", "new"):
        with atomic_folder(target, STAGE) as partial:
            (partial / name).write_text(name)
            (partial / "card.json").write_text(CARD.replace('"a"', f'"{name}"'))
    assert sorted(p.name for p in target.iterdir()) == ["card.json", "new"]


KILLED = """
import os, pathlib, signal, sys
from fairprune.io.atomic import atomic_file, atomic_folder
path = pathlib.Path(sys.argv[2])
writing = {"file": lambda: atomic_file(path), "folder": lambda: atomic_folder(path, "some_step")}
with writing[sys.argv[1]]() as partial:
    (partial / "a" if partial.is_dir() else partial).write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_a_killed_writer_has_left_is_cleared_away(tmp_path, kind):
    """But nothing of a writer that runs, on this host or another."""
    target = tmp_path / "a[1]"
    words = [sys.executable, "-c", KILLED, kind, str(target)]
    killed = subprocess.run(words, env={**os.environ, "PYTHONPATH": str(SCRIPTS)})
    assert killed.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    host = socket.gethostname()
    others = [f".{target.name}.partial-{host}-{os.getppid()}", f".{target.name}.partial-other-1"]
    for name in others:
        (tmp_path / name).touch()
    if kind == "file":
        write_text(target, "whole")
    else:
        with atomic_folder(target, STAGE) as partial:
            (partial / "card.json").write_text(CARD)
    assert not left.exists()
    assert {p.name for p in tmp_path.iterdir()} == {target.name, *others}


def test_a_folder_that_is_a_file_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FairpruneError, match=r"cannot write .*file/a\.txt"):
        write_text(tmp_path / "file" / "a.txt", "x")


def test_files_are_readable_as_usual(tmp_path):
    """Safetensors, for one, writes files that nobody else may read."""
    (tmp_path / "usual").touch()
    with atomic_folder(tmp_path / "folder", STAGE) as partial:
        (partial / "a").touch(mode=0o600)
    with atomic_file(tmp_path / "file") as partial:
        partial.touch(mode=0o600)
    usual = (tmp_path / "usual").stat().st_mode
    assert (tmp_path / "folder/a").stat().st_mode == usual
    assert (tmp_path / "file").stat().st_mode == usual
