"""A local HTTP server that speaks the hub's interface for models, and can misbehave."""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class StandIn:
    """What the server has, how it behaves, and what it was asked.

    `cut`: name → bytes after which every answer with that file ends (its length is announced).
    `stall`: name → bytes after which an answer waits for `go_on`.
    """

    files: dict[str, bytes]
    card: dict[str, str] = field(default_factory=dict)
    gated: bool = False
    missing: bool = False
    html: bool = False
    no_commit: bool = False
    cut: dict[str, int] = field(default_factory=dict)
    stall: dict[str, int] = field(default_factory=dict)
    ranges: bool = True
    go_on: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str, str | None, str | None]] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> "StandIn":
        """Start it on a free port."""
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_HEAD(self) -> None:
                stand_in.answer(self, body=False)

            def do_GET(self) -> None:
                stand_in.answer(self, body=True)

            def do_POST(self) -> None:
                stand_in.take(self)

            do_PUT = do_POST

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()

    def take(self, request: BaseHTTPRequestHandler) -> None:
        """What is sent to it; this one takes nothing."""
        send(request, 405, b"{}", {}, True)

    def answer(self, request: BaseHTTPRequestHandler, body: bool) -> None:
        """One request."""
        span = request.headers.get("Range")
        self.asked.append(
            (request.command, request.path, span, request.headers.get("Authorization"))
        )
        if self.missing:
            return send(request, 404, b"{}", {"X-Error-Code": "RepoNotFound"}, body)
        if self.html:
            page = b"<!DOCTYPE html><html>Please sign in</html>"
            return send(request, 200, page, {"Content-Type": "text/html"}, body)
        if request.path.startswith("/api/models/"):
            revision = request.path.rsplit("/revision/", 1)[-1]
            if revision not in ("main", COMMIT):
                return send(request, 404, b"{}", {"X-Error-Code": "RevisionNotFound"}, body)
            siblings = [{"rfilename": name} for name in self.files]
            info = {"id": "org/tiny", "modelId": "org/tiny", "sha": COMMIT, "siblings": siblings}
            info |= {"cardData": self.card} if self.card else {}
            return send(request, 200, json.dumps(info).encode(), {}, body)
        if self.gated and request.headers.get("Authorization") != "Bearer hf_good":
            return send(request, 403, b"", {"X-Error-Code": "GatedRepo"}, body)
        name = request.path.split(f"/resolve/{COMMIT}/", 1)[-1]
        if name not in self.files:
            return send(request, 404, b"", {"X-Error-Code": "EntryNotFound"}, body)
        return self.send_file(request, name, span, body)

    def send_file(
        self, request: BaseHTTPRequestHandler, name: str, span: str | None, body: bool
    ) -> None:
        """A file or its end, cut or stalled where that is asked for."""
        content = self.files[name]
        start = int(span.removeprefix("bytes=").rstrip("-")) if span and self.ranges else 0
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if not self.no_commit:
            request.send_header("X-Repo-Commit", COMMIT)
        request.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        if not body:
            return
        stop = self.cut.get(name, len(content))
        if name in self.stall and not self.go_on.is_set():
            request.wfile.write(content[start : self.stall[name]])
            request.wfile.flush()
            self.stalled.set()
            self.go_on.wait(30)
            request.close_connection = True
            return
        request.wfile.write(content[start:stop])
        request.close_connection = stop < len(content)


def send(
    request: BaseHTTPRequestHandler, status: int, content: bytes, headers: dict, body: bool
) -> None:
    """A short answer."""
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    if body:
        request.wfile.write(content)
