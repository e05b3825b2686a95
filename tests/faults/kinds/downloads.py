"""A hub or a host that answers with anything but the file."""

import contextlib
import hashlib
import http.server
import threading
import time
from collections.abc import Iterator
from unittest import mock

from fairprune.io import fetch
from faults.harness import Bench, Outcome, fault

DATA = b'{"opinions": ["a", "b"], "labels": ["x", "y"]}\n' * 4000
OTHER = DATA.replace(b"a", b"c")
HALF = len(DATA) // 2
AGAIN = "the same again: it goes on where it ended"


class Host:
    """A local server of one file; `way` says how it answers from now on."""

    way = "well"
    asked: list[str | None]

    @contextlib.contextmanager
    def serving(self) -> Iterator[str]:
        self.asked, host = [], self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Silence."""

            def do_GET(self) -> None:
                host.answer(self)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/data.jsonl"
        finally:
            server.shutdown()
            server.server_close()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range")
        self.asked.append(asked)
        data = OTHER if self.way == "changed" else DATA
        version = f'"{hashlib.sha256(data).hexdigest()}"'
        status = {"403": 403, "404": 404, "500": 500}.get(self.way, 200)
        start = 0
        if asked and status == 200 and request.headers.get("If-Range", version) == version:
            status, start = 206, int(asked.removeprefix("bytes=").rstrip("-"))
        body = b"<!DOCTYPE html><html>Sign in</html>" if self.way == "page" else data[start:]
        request.send_response(status)
        request.send_header("ETag", version)
        request.send_header("Content-Length", str(len(body) + 100 * (self.way == "size")))
        request.end_headers()
        cut = self.way in ("half", "silence")
        request.wfile.write(body[:HALF] if cut else body)
        request.wfile.flush()
        if self.way == "silence":
            time.sleep(1.5)


def _fetched(bench: Bench, way: str, then: str = "well") -> tuple[Bench, object, Host]:
    """Ask once while the host answers in a wrong way, then once while it answers well."""
    host = Host()
    impatient = mock.patch.multiple(fetch, TIMEOUT=(1, 0.4), ATTEMPTS=2)
    with impatient, host.serving() as url:
        host.way = way
        first = bench.entry("download_file", "--url", url, "--output", "downloads/data.jsonl")
        assert not bench.path("downloads/data.jsonl").exists()
        host.way, host.asked = then, []
        second = bench.entry("download_file", "--url", url, "--output", "downloads/data.jsonl")
        assert second.code == 0, second.err
    right = OTHER if then == "changed" else DATA
    assert bench.path("downloads/data.jsonl").read_bytes() == right
    return first, host


def _register(injected: str, way: str, says: str, step: str) -> None:
    @fault("download", injected)
    def answered(bench: Bench) -> Outcome:
        return bench.refused(_fetched(bench, way)[0], says, step=step)


for injected, way, says, step in (
    ("status 403", "403", "HF_TOKEN", "a token in HF_TOKEN, where it is gated"),
    ("status 404", "404", "404", "the right address"),
    ("status 500", "500", "500", "the same again later"),
    ("an HTML page with status 200", "page", "web page", "open the address and see"),
    ("a size that is not the file's", "size", "no answer", AGAIN),
):
    _register(injected, way, says, step)


@fault("download", "half a file, then silence")
def silence(bench: Bench) -> Outcome:
    first, host = _fetched(bench, "silence")
    assert host.asked[0].startswith("bytes=")
    return bench.refused(first, "what has come is kept", step=AGAIN)


@fault("download", "half a file, then another file under the same address")
def changed(bench: Bench) -> Outcome:
    first, host = _fetched(bench, "half", then="changed")
    assert host.asked[0].startswith("bytes=")
    outcome = bench.refused(first, "no answer", step="the same again: it begins anew")
    return outcome


@fault("download", "no network")
def offline(bench: Bench) -> Outcome:
    with mock.patch.object(fetch, "ATTEMPTS", 1):
        done = bench.entry("download_file", "--url", "http://127.0.0.1:9/x", "--output", "x")
    assert not bench.path("x").exists()
    outcome = bench.refused(done, "no answer", step="the same again, with a network")
    return outcome


@fault("model download", "HF_HUB_OFFLINE is set and the cache is empty")
def hub_offline(bench: Bench) -> Outcome:
    with mock.patch("huggingface_hub.constants.HF_HUB_OFFLINE", True):
        done = bench.entry(
            "download_model", "--model-id", "owner/name-not-there", "--revision", "0" * 40,
            "--output", "data/models/none",
        )  # fmt: skip
    assert not bench.path("data/models/none").exists()
    line = done.error.split(" is not in the cache ")
    assert len(line) == 2 and "HF_HUB_OFFLINE" in line[1], done.error
    happened = f"refused: {line[0]} is not in the cache … and HF_HUB_OFFLINE is set"
    return Outcome(happened, "fill the cache, or unset HF_HUB_OFFLINE")
