"""Pushing an exported folder, through the hub's own library, to a local stand-in."""

import json
from pathlib import Path

import pytest
from huggingface_hub import ModelCard, constants
from stand_in_hub import COMMIT, StandIn
from stand_in_uploads import GOOD, READING, Repository, Uploads

from export_model import export_model
from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card, write_card
from fairprune.models.download import download_model
from fairprune.publishing.push import look_up, push

MODEL = Path(__file__).resolve().parents[2] / "data/demo/model"
HEAD = "---\nlibrary_name: transformers\n---\n\n# A model\n"


def take_for_the_hub(url, folder, monkeypatch):
    """This process looks there for the hub, and has a token that may write."""
    template = f"{url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    settings = {"ENDPOINT": url, "HUGGINGFACE_CO_URL_TEMPLATE": template}
    settings |= {"HF_HUB_CACHE": str(folder / "cache"), "HF_HUB_DISABLE_XET": True}
    for name, value in settings.items():
        monkeypatch.setattr(constants, name, value)
    monkeypatch.setenv("HF_TOKEN", GOOD)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A running stand-in that this process takes for the hub."""
    with Uploads() as running:
        take_for_the_hub(running.url, tmp_path, monkeypatch)
        yield running


def folder_of(path, files, stage="export_model"):
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content)
    write_card(path, stage=stage, files=list(path.iterdir()), parameters={})
    return path


FILES = {"README.md": HEAD.encode(), "config.json": b"{}", "model.safetensors": b"w" * 5000}


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_everything_is_pushed_in_one_commit_and_replaced_in_another(hub, tmp_path):
    first = folder_of(tmp_path / "a", {**FILES, "model.safetensors.index.json": b"{}"})
    assert push(first, look_up("me/pruned"), private=True) == f"{hub.url}/me/pruned"
    made = hub.repositories["me/pruned"]
    assert made.visibility == "private"
    assert made.files == {".gitattributes": b"", **contents(first)}
    assert made.commits == [(set(contents(first)), set())]
    second = folder_of(tmp_path / "b", {**FILES, "config.json": b'{"a": 1}'})
    push(second, look_up("me/pruned"), private=False)
    assert made.visibility == "private"  # of what is there nothing is changed but files
    assert made.files == {".gitattributes": b"", **contents(second)}
    assert made.commits[1:] == [(set(contents(second)), {"model.safetensors.index.json"})]
    push(second, look_up("me/shown"), private=False)
    assert hub.repositories["me/shown"].visibility == "public"
    assert {token for *_, token in hub.asked} <= {f"Bearer {GOOD}", None}


def test_what_somebody_else_has_put_there_stays(hub, tmp_path):
    other = {"model.safetensors": b"years of work", ".gitattributes": b""}
    hub.repositories["me/other"] = Repository(dict(other))
    with pytest.raises(FairpruneError, match=r"me/other holds model\.safetensors, which no --push"):
        look_up("me/other")
    foreign = folder_of(tmp_path / "f", {"config.json": b"{}"}, stage="download_model")
    hub.repositories["me/other"] = Repository(contents(foreign))
    with pytest.raises(FairpruneError, match="which no --push has put there"):
        look_up("me/other")
    hub.repositories["me/empty"] = Repository({".gitattributes": b""})
    push(folder_of(tmp_path / "a", FILES), look_up("me/empty"), private=True)
    assert "README.md" in hub.repositories["me/empty"].files


def test_a_change_in_between_is_not_lost(hub, tmp_path):
    made = folder_of(tmp_path / "a", FILES)
    push(made, look_up("me/pruned"), private=True)
    seen = look_up("me/pruned")
    hub.repositories["me/pruned"].commits.append((set(), set()))
    before = dict(hub.repositories["me/pruned"].files)
    (made / "config.json").write_bytes(b"changed")
    with pytest.raises(FairpruneError, match="has changed meanwhile: run the same again"):
        push(made, seen, private=True)
    assert hub.repositories["me/pruned"].files == before


@pytest.mark.parametrize(
    ("name", "token", "refuse", "says"),
    [
        ("pruned", GOOD, {}, "write OWNER/NAME"),
        ("me/a/b", GOOD, {}, "write OWNER/NAME"),
        ("me/p", "", {}, "needs a token that may write: make one at .*/settings/tokens"),
        ("me/p", "hf_wrong", {}, "does not accept the token in HF_TOKEN"),
        ("me/p", READING, {}, "HF_TOKEN may not write to .*/me/p"),
        ("me/p", GOOD, {"/api/repos/create": 409}, "has changed meanwhile"),
        ("me/p", GOOD, {"/commit/": 500}, "answers with status 500 .*a is whole: run the same"),
        ("me/p", GOOD, {"/large/": 507}, "answers with status 507"),
        ("me/p", GOOD, {"/validate-yaml": 400}, "refuses it .Invalid metadata in README"),
    ],
)
def test_what_goes_wrong_is_one_line(hub, tmp_path, monkeypatch, name, token, refuse, says):
    monkeypatch.setenv("HF_TOKEN", token)
    hub.refuse = refuse
    made = folder_of(tmp_path / "a", FILES)
    with pytest.raises(FairpruneError, match=says) as caught:
        push(made, look_up(name), private=True)
    line = str(caught.value)
    assert "\n" not in line and (not token or token not in line)
    assert all(not found.commits for found in hub.repositories.values())
    read_card(made)


def test_without_a_network(tmp_path, monkeypatch):
    take_for_the_hub("http://127.0.0.1:9", tmp_path, monkeypatch)
    with pytest.raises(
        FairpruneError, match=r"127\.0\.0\.1:9 cannot be reached .*check the network"
    ):
        look_up("me/p")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(FairpruneError, match="HF_HUB_OFFLINE is set"):
        look_up("me/p")


def test_the_step_pushes_what_it_writes(hub, tmp_path, capsys):
    made = export_model(MODEL, tmp_path / "out", push="me/whole", public=True)
    assert f"pushed to {hub.url}/me/whole" in capsys.readouterr().err
    there = hub.repositories["me/whole"]
    assert there.files == {".gitattributes": b"", **contents(made)}
    assert there.visibility == "public"
    assert read_card(made)["files"].keys() >= {"README.md", "model.safetensors"}
    assert "me/whole" in ModelCard(there.files["README.md"].decode()).text
    with pytest.raises(FairpruneError, match="give --push, too"):
        export_model(MODEL, tmp_path / "other", public=True)
    hub.repositories["me/other"] = Repository({"model.safetensors": b"years of work"})
    with pytest.raises(FairpruneError, match="no --push has put there"):
        export_model(MODEL, tmp_path / "other", push="me/other")
    assert not (tmp_path / "other").exists()


def test_the_licence_of_a_downloaded_model_is_kept(tmp_path, monkeypatch):
    files = {"config.json": b"{}", "model.safetensors": b"\x02\0\0\0\0\0\0\0{}"}
    with StandIn(files, card={"license": "gemma", "license_link": "javascript:x"}) as running:
        take_for_the_hub(running.url, tmp_path, monkeypatch)
        download_model("org/tiny", COMMIT, tmp_path / "m")
    assert read_card(tmp_path / "m")["parameters"]["licence"] == {"license": "gemma"}
    local = tmp_path / "local"
    local.mkdir()
    for name, content in files.items():
        (local / name).write_bytes(content)
    for text, known in {
        "---\nlicense: mit\n---\nText": {"license": "mit"},
        "---\nlicense: [mit]\n---\nText": None,
        "---\nlicense: <b>\n---\nText": None,
        "---\n{: x\n---\nText": None,
        "license: mit": None,
    }.items():
        (local / "README.md").write_text(text)
        download_model(str(local), "main", tmp_path / "linked")
        card = json.loads((tmp_path / "linked/card.json").read_text())
        assert card["parameters"].get("licence") == known, text
