"""The SHA-256 of a file that is read again is not computed again, where that saves something."""

from hashlib import sha256

import pytest

from fairprune.io import known


@pytest.fixture
def computed(tmp_path, monkeypatch):
    """Files whose SHA-256 was computed, in order."""
    files = []

    def counted(file):
        files.append(file)
        return sha256(file.read_bytes()).hexdigest()

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(known, "SETTLED", -1)
    monkeypatch.setattr(known, "sha256_file", counted)
    return files


def test_a_large_file_is_read_once_until_it_changes(tmp_path, computed):
    file = tmp_path / "weights"
    for content in (b"a" * known.WORTH, b"b" * known.WORTH):
        file.write_bytes(content)
        assert {known.known_sha256(file) for _ in range(3)} == {sha256(content).hexdigest()}
    assert computed == [file] * 2


def test_a_small_file_leaves_no_note(tmp_path, computed):
    file = tmp_path / "card"
    file.write_bytes(b"a" * (known.WORTH - 1))
    assert known.known_sha256(file) == known.known_sha256(file)
    assert len(computed) == 2 and not (tmp_path / "cache").exists()
