"""A step's code digest moves with what the code does, and with nothing else."""

import time

import pytest

from fairprune.io import code, known


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An entry that imports `package.used` inside a function; `package.other` is not used."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text('"""Package."""\n')
    (package / "used.py").write_text('"""Doc."""\n\n\ndef f(x):\n    """F."""\n    return x + 1\n')
    (package / "other.py").write_text("value = 1\n")
    (tmp_path / "entry.py").write_text("def main():\n    from package.used import f\n    f(1)\n")
    monkeypatch.setattr(code, "ENTRIES", tmp_path)
    monkeypatch.setattr(code, "PACKAGE", package)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def _digest(project, *names):
    """As another process finds it."""
    code._digest_and_imports.cache_clear()
    code._notes.cache_clear()
    return code.code_digest([project / name for name in names])


@pytest.mark.parametrize(
    ("file", "old", "new", "moves"),
    [
        ("package/used.py", "x + 1", "x + 2", True),
        ("package/used.py", '"""F."""', '"""Another sentence."""', False),
        ("package/used.py", "    return", "    # why\n    return", False),
        ("package/used.py", "x + 1", "(x +\n        1)", False),
        ("package/__init__.py", '"""Package."""', "value = 2", True),
        ("package/other.py", "1", "2", False),
        ("entry.py", "f(1)", "f(2)", True),
    ],
)
def test_digest(project, file, old, new, moves):
    before = _digest(project, "entry.py")
    path = project / file
    path.write_text(path.read_text().replace(old, new))
    assert (_digest(project, "entry.py") != before) is moves


def test_files_found_by_name_count_when_given(project):
    before = _digest(project, "entry.py", "package/other.py")
    (project / "package/other.py").write_text("value = 3\n")
    assert _digest(project, "entry.py", "package/other.py") != before


def test_a_file_is_parsed_once_and_again_when_it_has_changed(project, monkeypatch):
    parsed = []
    parse = code.ast.parse
    monkeypatch.setattr(code.ast, "parse", lambda text: parsed.append(text) or parse(text))
    monkeypatch.setattr(known, "SETTLED", -1)
    before = _digest(project, "entry.py")
    assert len(parsed) == 3
    assert _digest(project, "entry.py") == before
    assert len(parsed) == 3
    (project / "entry.py").write_text("def main():\n    import package.other\n")
    assert _digest(project, "entry.py") != before
    assert len(parsed) == 5  # it, and what it imports now


def test_a_file_just_touched_is_not_remembered(project, monkeypatch):
    entry = project / "entry.py"
    later = entry.stat().st_ctime + known.SETTLED / 2
    monkeypatch.setattr(time, "time", lambda: later)
    _digest(project, "entry.py")
    assert not (project / "cache").exists()


def test_notes_that_cannot_be_read_are_taken_again(project, monkeypatch):
    monkeypatch.setattr(known, "SETTLED", -1)
    before = _digest(project, "entry.py")
    (notes,) = (project / "cache/fairprune/notes").iterdir()
    for text in ("", "[1]", "3", '{"%s": 1}' % (project / "entry.py")):
        notes.write_text(text)
        assert _digest(project, "entry.py") == before
