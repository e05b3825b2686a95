"""Nothing is written outside of the results and data folders."""

import copy
from pathlib import Path

import pytest
import yaml

from fairprune.errors import FairpruneError
from fairprune.models.download import choose_files
from fairprune.models.files import tensor_files
from fairprune.workflow.configured import configured

BASE = yaml.safe_load((Path(__file__).parents[1] / "config/refused.yaml").read_text("utf-8"))[
    "base"
]
FOLDERS = {
    "above": "../out",
    "far above": "../../../../../../tmp/out",
    "inside and out": "a/../../b",
    "above at the end": "results/..",
    "absolute": "/tmp/out",
    "absolute, twice": "//tmp/out",
    "home": "~/out",
    "home of another": "~root/out",
    "link": "link/out",
    "link itself": "link",
    "NUL": "a\0/../../b",
    "one dot leader": "․․/b",
    "full-width dots": "．．/b",
    "two dot leader": "‥/b",
    "backslash": "..\\b",
    "drive": "C:\\out",
    "line break": "a\n/../b",
    "nothing": "",
}


@pytest.mark.parametrize("name", FOLDERS)
def test_results(name, tmp_path, monkeypatch):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "link").symlink_to(outside)
    monkeypatch.chdir(inside)
    with pytest.raises(FairpruneError, match=r"my\.yaml, results"):
        configured({**BASE, "results": FOLDERS[name]}, "my.yaml")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", ["..", "../x", "/x", "a/b", "~", "a\0b", "․․", "a\\b", "-x", ""])
@pytest.mark.parametrize("part", ["models", "tasks", "texts", "methods"])
def test_names(part, name):
    raw = copy.deepcopy(BASE)
    raw[part][name] = next(iter(raw[part].values()))
    with pytest.raises(FairpruneError, match="letters, digits"):
        configured(raw, "my.yaml")


def test_names_of_files_that_a_hub_lists():
    names = ["config.json", "model.safetensors", "../x.json", "a/../../x.json", "/x.json",
             "chat_template./../../x", "../model.safetensors", "..\\x/y.json"]  # fmt: skip
    assert choose_files(names, "m") == ["config.json", "model.safetensors"]


def test_names_in_an_index(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "secret.safetensors").write_bytes(b"")
    index = '{"weight_map": {"a": "../secret.safetensors"}}'
    (tmp_path / "model/model.safetensors.index.json").write_text(index)
    with pytest.raises(
        FairpruneError, match=r"'\.\./secret\.safetensors', a file outside of the folder"
    ):
        tensor_files(tmp_path / "model")
