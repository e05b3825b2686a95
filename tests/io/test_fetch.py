"""Downloads against a local server that misbehaves as real ones do."""

import http.server
import threading
from pathlib import Path
from typing import ClassVar

import pytest

from fairprune.errors import FairpruneError
from fairprune.io import fetch as module
from fairprune.io.cards import read_card
from fairprune.io.fetch import fetch

DATA = bytes(range(256)) * 2000


class Server(http.server.BaseHTTPRequestHandler):
    """Answers by path; `half` breaks off once in the middle, and honours Range."""

    seen: ClassVar[list] = []

    def do_GET(self):
        self.seen.append((self.path, self.headers.get("Range"), self.headers.get("Authorization")))
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        status = {"/gone": 404, "/gated": 403, "/broken": 500}.get(self.path)
        body = b"<!DOCTYPE html><html>busy</html>" if self.path == "/page.json" else DATA[start:]
        self.send_response(status or (206 if start else 200))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:200_000] if self.path == "/half" and not start else body)

    def log_message(self, *args):
        """Silence."""


@pytest.fixture
def host(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Server.seen.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_file_and_card(host, tmp_path):
    output = fetch(f"{host}/data.bin", tmp_path / "out/data.bin")
    assert output.read_bytes() == DATA
    assert read_card(output)["parameters"]["url"] == f"{host}/data.bin"


def test_broken_off_download_goes_on(host, tmp_path):
    output = fetch(f"{host}/half", tmp_path / "half")
    assert output.read_bytes() == DATA
    assert [asked for _, asked, _ in Server.seen] == [None, "bytes=196608-"]
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["half", "half.card.json"]


@pytest.mark.parametrize(
    ("path", "says"),
    [("gone", "404"), ("gated", "HF_TOKEN"), ("broken", "500"), ("page.json", "web page")],
)
def test_refusals_leave_nothing(host, tmp_path, path, says):
    output = tmp_path / "out" / path
    with pytest.raises(FairpruneError, match=says):
        fetch(f"{host}/{path}", output)
    assert list(output.parent.iterdir()) == []


def test_no_server(tmp_path, monkeypatch):
    monkeypatch.setattr(module.time, "sleep", lambda seconds: None)
    with pytest.raises(FairpruneError, match="no answer"):
        fetch("http://127.0.0.1:9/x", tmp_path / "x")


def test_token_goes_to_the_hub_alone(host, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "canary")
    fetch(f"{host}/a", tmp_path / "a")
    monkeypatch.setenv("HF_ENDPOINT", host)
    fetch(f"{host}/b", tmp_path / "b")
    assert [token for _, _, token in Server.seen] == [None, "Bearer canary"]
    assert "canary" not in Path(tmp_path / "b.card.json").read_text()
