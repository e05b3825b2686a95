"""download_model.py against a local stand-in of the hub, as a command."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save
from stand_in_hub import COMMIT, StandIn

from fairprune.errors import FairpruneError
from fairprune.io.cards import read_card
from fairprune.models.download import choose_files, download_model, read_header

ENTRY = Path(__file__).resolve().parents[2] / "scripts" / "download_model.py"
WEIGHTS = save({"a": np.arange(250_000, dtype=np.float32), "b": np.ones((3, 5), np.float32)})
FILES = {
    "config.json": b'{"model_type": "llama"}',
    "model.safetensors": WEIGHTS,
    "tokenizer.json": b"{}",
    "tokenizer.model": b"\x00\x01pieces",
    "README.md": b"# A model",
    "pytorch_model.bin": b"never read",
    "original/consolidated.00.pth": b"never read",
}


def environment(hub: StandIn, folder: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    return kept | {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": "10",
        **more,
    }


def command(folder: Path, revision: str = "main", name: str = "org/tiny") -> list[str]:
    arguments = ["--model-id", name, "--revision", revision, "--output", str(folder / "model")]
    return [sys.executable, str(ENTRY), *arguments]


def fetch(hub: StandIn, folder: Path, revision: str = "main", name: str = "org/tiny", **more: str):
    return subprocess.run(
        command(folder, revision, name),
        env=environment(hub, folder, **more),
        capture_output=True,
        text=True,
        timeout=100,
    )


def error_of(done: subprocess.CompletedProcess, folder: Path) -> str:
    """The one error line; nothing was written beside it."""
    assert done.returncode == 1, done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1, done.stderr
    assert not (folder / "model").exists()
    assert not list(folder.glob(".model*"))
    return lines[0]


def test_a_model_is_downloaded_with_its_card_and_found_again_offline(tmp_path):
    with StandIn(FILES) as hub:
        done = fetch(hub, tmp_path, HF_TOKEN="hf_secret")
        assert done.returncode == 0, done.stderr
        asked = len(hub.asked)
        offline = fetch(hub, tmp_path / ".", HF_HUB_OFFLINE="1")
        assert offline.returncode == 0, offline.stderr
        assert len(hub.asked) == asked
    assert done.stdout.strip() == str(tmp_path / "model" / "card.json")
    names = {path.name for path in (tmp_path / "model").iterdir()}
    wanted = {"config.json", "model.safetensors", "tokenizer.json", "tokenizer.model"}
    assert names == {*wanted, "card.json"}
    card = read_card(tmp_path / "model")
    assert set(card["files"]) == wanted
    assert card["parameters"]["commit"] == COMMIT
    assert card["figures"]["parameters"] == 250_015
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == WEIGHTS
    assert any(token == "Bearer hf_secret" for _, _, _, token in hub.asked)
    assert "hf_secret" not in done.stdout + done.stderr
    assert "hf_secret" not in (tmp_path / "model" / "card.json").read_text()


def test_a_commit_is_taken_as_it_is(tmp_path):
    with StandIn(FILES) as hub:
        assert fetch(hub, tmp_path, revision=COMMIT).returncode == 0
    assert read_card(tmp_path / "model")["parameters"]["revision"] == COMMIT


def test_a_killed_download_goes_on_where_it_ended(tmp_path):
    half = len(WEIGHTS) // 2
    with StandIn(FILES, stall={"model.safetensors": half}) as hub:
        first = subprocess.Popen(
            command(tmp_path),
            env=environment(hub, tmp_path),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert hub.stalled.wait(60)
        partial = None
        for _ in range(100):
            partial = next((tmp_path / "hf").rglob("*.resumable"), None)
            if partial and partial.stat().st_size:
                break
            time.sleep(0.1)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert not (tmp_path / "model").exists()
        have = partial.stat().st_size
        assert 0 < have <= half
        hub.go_on.set()
        done = fetch(hub, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == WEIGHTS
    spans = [span for method, path, span, _ in hub.asked if "safetensors" in path and span]
    assert spans == [f"bytes={have}-"]


def test_a_server_without_ranges_is_asked_again_from_the_start(tmp_path):
    with StandIn(FILES, ranges=False) as hub:
        blob = tmp_path / "hf/hub/models--org--tiny/blobs"
        blob.mkdir(parents=True)
        digest = hashlib.sha256(WEIGHTS).hexdigest()
        (blob / f"{digest}.resumable").write_bytes(WEIGHTS[:1000])
        assert fetch(hub, tmp_path).returncode == 0
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    ("hub", "more", "expected"),
    [
        (StandIn(FILES, gated=True), {}, ["gated", "no token", "/org/tiny", "HF_TOKEN"]),
        (StandIn(FILES, gated=True), {"HF_TOKEN": "hf_bad"}, ["gated", "has no access"]),
        (StandIn(FILES, missing=True), {}, ["org/tiny is not on", "check the id"]),
        (StandIn(FILES, html=True), {}, ["not JSON"]),
        (StandIn(FILES, no_commit=True), {}, ["not answered by a hub"]),
        (StandIn(FILES), {"HF_HUB_OFFLINE": "1"}, ["not in the cache", "HF_HUB_OFFLINE"]),
        (StandIn(FILES), {"HF_ENDPOINT": "http://127.0.0.1:9"}, ["127.0.0.1:9", "network"]),
        (
            StandIn(FILES | {"config.json": b"<!DOCTYPE html><html>no</html>"}),
            {},
            ["config.json is not what its name says"],
        ),
        (
            StandIn(FILES | {"model.safetensors": b"<!DOCTYPE html><html>no</html>"}),
            {},
            ["model.safetensors is not what its name says"],
        ),
        (
            StandIn(FILES | {"model.safetensors": WEIGHTS[:-7]}),
            {},
            ["model.safetensors is not what its name says"],
        ),
        (
            StandIn({"config.json": b"{}", "pytorch_model.bin": b"x"}),
            {},
            ["pickled weights only (pytorch_model.bin)", "convert", "save_pretrained"],
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_goes_wrong_is_one_line(tmp_path, hub, more, expected):
    with hub:
        done = fetch(hub, tmp_path, **more)
    line = error_of(done, tmp_path)
    for part in expected:
        assert part in line
    assert "hf_bad" not in done.stderr


def test_a_file_that_always_ends_early_is_given_up(tmp_path):
    with StandIn(FILES, cut={"model.safetensors": 5000}) as hub:
        line = error_of(fetch(hub, tmp_path), tmp_path)
    assert "model.safetensors has 5000 bytes" in line
    assert str(len(WEIGHTS)) in line


def test_a_revision_that_is_not_there(tmp_path):
    with StandIn(FILES) as hub:
        assert "no revision 'v9'" in error_of(fetch(hub, tmp_path, revision="v9"), tmp_path)


def test_a_broken_download_is_not_kept(tmp_path):
    with StandIn(FILES | {"config.json": b"<html>"}) as hub:
        fetch(hub, tmp_path)
        hub.files["config.json"] = FILES["config.json"]
        assert fetch(hub, tmp_path).returncode == 0


def test_one_gguf_file_of_a_repository(tmp_path):
    weights = {name: b"GGUF" + name.encode() for name in ("m.Q4_0.gguf", "m.Q8_0.gguf")}
    with StandIn({"config.json": FILES["config.json"], **weights}) as hub:
        line = error_of(fetch(hub, tmp_path), tmp_path)
        assert "m.Q4_0.gguf and m.Q8_0.gguf: say which is the model (--file" in line
        asked = [*command(tmp_path, "main", "org/tiny"), "--file", "m.Q8_0.gguf"]
        subprocess.run(asked, env=environment(hub, tmp_path), check=True, timeout=100)
        assert not [place for place in hub.asked if "Q4_0" in str(place)]
    card = read_card(tmp_path / "model")
    assert card["files"].keys() == {"m.Q8_0.gguf"}
    assert card["parameters"]["commit"] == COMMIT


def write_model(folder: Path) -> Path:
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_bytes(FILES[name])
    return folder


def test_a_local_folder_is_linked(tmp_path):
    source = write_model(tmp_path / "source")
    download_model(str(source), "main", tmp_path / "deep" / "model")
    link = tmp_path / "deep" / "model" / "model.safetensors"
    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    assert link.read_bytes() == WEIGHTS
    card = read_card(tmp_path / "deep" / "model")
    assert card["parameters"]["model_id"] == str(source)
    assert card["figures"]["parameters"] == 250_015
    (source / "config.json").write_text('{"model_type": "other"}')
    with pytest.raises(FairpruneError, match=r"config\.json has"):
        read_card(tmp_path / "deep" / "model")


def test_a_local_folder_without_safetensors_or_missing(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(FairpruneError, match=r"pickled weights only \(pytorch_model.bin\)"):
        download_model(str(tmp_path / "source"), "main", tmp_path / "model")
    with pytest.raises(FairpruneError, match="is no folder"):
        download_model("./nowhere", "main", tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_missing_shard_is_found(tmp_path):
    source = write_model(tmp_path / "source")
    (source / "model.safetensors").rename(source / "model-00001-of-00002.safetensors")
    index = {
        "weight_map": {
            "a": "model-00001-of-00002.safetensors",
            "b": "model-00002-of-00002.safetensors",
        }
    }
    (source / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(FairpruneError, match=r"has no model-00002-of-00002\.safetensors"):
        download_model(str(source), "main", tmp_path / "model")


def test_a_gguf_file_is_linked_by_itself(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in ("a.gguf", "b.gguf", "config.json"):
        (source / name).write_bytes(b"GGUF" + name.encode())
    for number, (given, file) in enumerate([("source/a.gguf", None), ("source", "a.gguf")]):
        made = tmp_path / str(number)
        download_model(str(tmp_path / given), "main", made, file)
        assert sorted(read_card(made)["files"]) == ["a.gguf"]
        assert (made / "a.gguf").resolve() == source / "a.gguf"
    with pytest.raises(FairpruneError, match=r"a\.gguf and b\.gguf: say which"):
        download_model(str(source), "main", tmp_path / "model")
    with pytest.raises(FairpruneError, match=r"has no c\.gguf; its GGUF files: a\.gguf, b\.gguf"):
        download_model(str(source), "main", tmp_path / "model", "c.gguf")
    (source / "c.gguf").write_bytes(b"<html>")
    with pytest.raises(FairpruneError, match=r"c\.gguf is not what its name says"):
        download_model(str(source / "c.gguf"), "main", tmp_path / "model")
    with pytest.raises(FairpruneError, match=r"d\.gguf is no folder"):
        download_model("d.gguf", "main", tmp_path / "model")
    assert choose_files(["m.gguf", "model.safetensors", "config.json"], "m") == [
        *("config.json", "model.safetensors"),
    ]


def test_headers_are_read_as_the_library_reads_them(tmp_path):
    file = tmp_path / "x.safetensors"
    for content in (WEIGHTS, save({}), save({"s": np.float16([[1, 2]])}, metadata={"a": "b"})):
        file.write_bytes(content)
        with safe_open(file, framework="np") as known:
            expected = {name: known.get_slice(name).get_shape() for name in known.keys()}  # noqa: SIM118
        assert {name: t["shape"] for name, t in read_header(file).items()} == expected


def test_downloading_needs_no_torch():
    code = "import sys, fairprune.models.download as d; sys.exit('torch' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": str(ENTRY.parent)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_weights_of_the_model_come_before_other_safetensors():
    names = ["model.safetensors", "consolidated.safetensors", "config.json", "x/y.json", "a.md"]
    assert choose_files(names, "m") == ["config.json", "model.safetensors"]
    assert choose_files(["w.safetensors"], "m") == ["w.safetensors"]
