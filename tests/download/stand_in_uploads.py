"""The stand-in of the hub with repositories that can be made and pushed to."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import yaml
from stand_in_hub import StandIn, send

GOOD, READING = "hf_good", "hf_reading"  # tokens: one that may write, one that may read


@dataclass
class Repository:
    """What a repository holds, and each commit that was made: (files added, files removed)."""

    files: dict[str, bytes] = field(default_factory=dict)
    visibility: str | None = None
    commits: list[tuple[set[str], set[str]]] = field(default_factory=list)

    @property
    def head(self) -> str:
        """The commit that it stands at."""
        return hashlib.sha1(str(len(self.commits)).encode()).hexdigest()  # noqa: S324 an id


@dataclass
class Uploads(StandIn):
    """A hub that takes uploads.

    `refuse`: a part of a path → the status that requests to it get.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    refuse: dict[str, int] = field(default_factory=dict)

    def answer(self, request: BaseHTTPRequestHandler, body: bool) -> None:
        """What a repository is, or a file of it."""
        self.asked.append((request.command, request.path, None, request.headers["Authorization"]))
        if self._refused(request):
            return
        parts = request.path.partition("?")[0].strip("/").split("/")
        name = "/".join(parts[2:4] if parts[0] == "api" else parts[:2])
        found = self.repositories.get(name)
        if found is None:
            return send(request, 404, b"{}", {"X-Error-Code": "RepoNotFound"}, body)
        if parts[0] == "api":
            siblings = [{"rfilename": file} for file in found.files]
            info = {"id": name, "modelId": name, "sha": found.head, "siblings": siblings}
            return send(request, 200, json.dumps(info).encode(), {}, body)
        content = found.files[parts[-1]]
        etag = hashlib.sha256(content).hexdigest()
        send(request, 200, content, {"X-Repo-Commit": found.head, "ETag": f'"{etag}"'}, body)

    def take(self, request: BaseHTTPRequestHandler) -> None:
        """A repository to make, a file, or a commit."""
        self.asked.append((request.command, request.path, None, request.headers["Authorization"]))
        content = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        if self._refused(request):
            return
        path = request.path.partition("?")[0]
        if path.startswith("/large/"):
            oid = path.rpartition("/")[2]
            assert hashlib.sha256(content).hexdigest() == oid
            self.large[oid] = content
            return send(request, 200, b"", {}, True)
        if request.headers["Authorization"] != f"Bearer {GOOD}":
            return send(request, 403, b'{"error": "you may not write"}', {}, True)
        steps = {
            "/api/repos/create": self._create,
            "/api/validate-yaml": self._validate,
            "/preupload/main": self._preupload,
            "/objects/batch": self._batch,
            "/commit/main": self._commit,
        }
        step = next(found for end, found in steps.items() if path.endswith(end))
        status, said = step(path, content)
        send(request, status, json.dumps(said).encode(), {}, True)

    def _refused(self, request: BaseHTTPRequestHandler) -> bool:
        status = next((s for part, s in self.refuse.items() if part in request.path), None)
        if request.headers["Authorization"] not in (f"Bearer {GOOD}", f"Bearer {READING}", None):
            status = 401
        if status:
            error = json.dumps({"error": f"refused, {request.headers['Authorization']}"}).encode()
            send(request, status, error, {}, True)
        return bool(status)

    def _create(self, _: str, content: bytes) -> tuple[int, dict]:
        asked = json.loads(content)
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.repositories:
            return 409, {"error": "it is there"}
        self.repositories[name] = Repository({".gitattributes": b""}, asked.get("visibility"))
        return 200, {"url": f"{self.url}/{name}"}

    def _validate(self, _: str, content: bytes) -> tuple[int, dict]:
        head = json.loads(content)["content"].split("---")[1]
        wrong = not isinstance(yaml.safe_load(head), dict)
        return (400, {"errors": [{"message": "no mapping"}]}) if wrong else (200, {})

    def _preupload(self, _: str, content: bytes) -> tuple[int, dict]:
        files = json.loads(content)["files"]
        return 200, {
            "files": [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                    "shouldIgnore": False,
                }
                for file in files
            ]
        }

    def _batch(self, _: str, content: bytes) -> tuple[int, dict]:
        objects = json.loads(content)["objects"]
        return 200, {
            "transfer": "basic",
            "objects": [
                {**found, "actions": {"upload": {"href": f"{self.url}/large/{found['oid']}"}}}
                for found in objects
            ],
        }

    def _commit(self, path: str, content: bytes) -> tuple[int, dict]:
        header, *lines = map(json.loads, content.splitlines())
        found = self.repositories["/".join(path.split("/")[3:5])]
        if header["value"].get("parentCommit", found.head) != found.head:
            return 412, {"error": "another commit came before"}
        added, removed = {}, set()
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                added[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                added[value["path"]] = self.large[value["oid"]]
            else:
                removed.add(value["path"])
        kept = {name: data for name, data in found.files.items() if name not in removed}
        found.files = kept | added
        found.commits.append((set(added), removed))
        return 200, {"commitUrl": f"{self.url}/c/{found.head}", "commitOid": found.head}
