"""Cards prove that a result is what was written."""

import json
import os

import pytest

from fairprune.errors import FairpruneError
from fairprune.io.cards import (
    card_path,
    digest_of,
    find_card,
    read_card,
    verified,
    write_card,
)
from fairprune.io.hashing import derive_seed
from fairprune.io.opened import open_input
from fairprune.io.versions import versions


@pytest.fixture
def result(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "data.bin"
    file.write_bytes(b"weights" * 100)
    write_card(file, stage="test", files=[file], parameters={"p": 0.5}, seed=42, figures={"a": 1})
    return file


def test_card_tells_everything(result):
    card = read_card(result)
    assert card["parameters"] == {"p": 0.5}
    assert card["seed"] == 42
    assert card["figures"] == {"a": 1}
    assert card["files"]["data.bin"]["size"] == 700
    assert card["versions"]["python"]
    assert card["peak_memory_bytes"] > 0


def test_card_names_the_environment_that_snakemake_made(tmp_path, monkeypatch):
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / ".snakemake/conda/0123abcd_"))
    assert versions()["environment"] == "0123abcd"
    monkeypatch.setenv("CONDA_PREFIX", "/opt/conda/envs/mine")
    assert "environment" not in versions()


def _truncate(file):
    file.write_bytes(file.read_bytes()[:-1])


def _flip(file):
    data = bytearray(file.read_bytes())
    data[3] ^= 1
    file.write_bytes(bytes(data))


def _flip_with_old_time(file):
    status = file.stat()
    _flip(file)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def _spoil_card(file):
    card_path(file).write_text("{")


def _empty_card(file):
    card_path(file).write_text("[]")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_truncate, "has 699 bytes"),
        (_flip, "has changed"),
        (_flip_with_old_time, "has changed"),
        (lambda file: file.unlink(), "is missing"),
        (lambda file: card_path(file).unlink(), "has no card"),
        (_spoil_card, "not a card"),
        (_empty_card, "not a card"),
    ],
)
def test_damage_is_refused_with_the_remedy(result, damage, says):
    read_card(result)
    damage(result)
    with pytest.raises(FairpruneError, match=f"{says}.*run its step again"):
        read_card(result)


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A run's results: a summary without its card, and a table that another file's card lists."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "results/demo"
    for name in ("summaries/m/test.jsonl", "fairness/m/t.json", "fairness/m/t.parquet"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "config.yaml").write_text("# a comment\nresults: results/demo\nseed: 1\n")
    files = [folder / "fairness/m/t.json", folder / "fairness/m/t.parquet"]
    write_card(files[0], stage="evaluate_fairness", files=files, parameters={})
    return folder


def test_a_missing_card_is_damage_inside_a_run(results):
    file = results / "summaries/m/test.jsonl"
    for reader in (verified, digest_of, open_input):
        with pytest.raises(
            FairpruneError, match=r"has no card .*snakemake .*--force .*test\.jsonl"
        ):
            reader(file)
    write_card(file, stage="generate_summaries", files=[file], parameters={"p": 1})
    assert open_input(file).parameters == {"p": 1}


@pytest.mark.parametrize("text", ["results: elsewhere\n", "seed: 1\n"])
def test_a_folder_of_the_users_is_no_run(results, text):
    """Also where a configuration stands beside a folder that is called as one of a run's."""
    (results / "config.yaml").write_text(text)
    assert verified(results / "summaries/m/test.jsonl")


def test_a_file_is_verified_by_the_card_that_lists_it(results):
    table = results / "fairness/m/t.parquet"
    assert find_card(table) == results / "fairness/m/t.json.card.json"
    verified(table)
    table.write_text("changed")
    with pytest.raises(FairpruneError, match=r"t\.parquet has 7 bytes"):
        verified(table)


def test_a_card_tells_which_inputs_had_none(result, tmp_path):
    (tmp_path / "mine.jsonl").write_text("{}")
    (tmp_path / "out").write_text("")
    inputs = {"task": tmp_path / "mine.jsonl", "model": result, "none": None, "results": "0" * 64}
    write_card(tmp_path / "out", stage="s", files=[tmp_path / "out"], parameters={}, inputs=inputs)
    card = read_card(tmp_path / "out")
    assert card["without_card"] == ["task"]
    assert set(card["inputs"]) == {"task", "model", "results"}


def test_a_card_alone_is_verified_without_its_files(result):
    result.unlink()
    assert read_card(card_path(result), files=False)["parameters"] == {"p": 0.5}
    card_path(result).write_text(card_path(result).read_text().replace("0.5", "0.6"))
    with pytest.raises(FairpruneError, match="has changed since it was written"):
        read_card(result, files=False)


def test_card_of_a_folder_lists_its_files(tmp_path):
    folder = tmp_path / "pruned"
    folder.mkdir()
    (folder / "mask").write_text("m")
    path = write_card(folder, stage="t", files=[folder / "mask"], parameters={})
    assert path == folder / "card.json"
    assert list(json.loads(path.read_text())["files"]) == ["mask"]


def test_digest_of_an_input_is_its_content(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text("same")
    assert digest_of(tmp_path / "a") == digest_of(tmp_path / "b")
    (tmp_path / "b").write_text("different")
    assert digest_of(tmp_path / "a") != digest_of(tmp_path / "b")
    with pytest.raises(FairpruneError, match="does not exist"):
        digest_of(tmp_path / "c")


def test_seeds_differ_by_purpose_and_root():
    seeds = [
        derive_seed(42, "a"),
        derive_seed(42, "b"),
        derive_seed(43, "a"),
        derive_seed(42, "a", 1),
    ]
    assert len(set(seeds)) == 4
    assert seeds[0] == derive_seed(42, "a")
