"""Files of a model on the Hugging Face hub, through the hub's cache, resumed where they ended."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from fairprune.errors import FairpruneError
from fairprune.io.atomic import write_text
from fairprune.io.hashing import sha256_file
from fairprune.models.hub_errors import explained
from fairprune.models.licences import in_readme, stated

COMMIT = re.compile(r"[0-9a-f]{40}")
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
SHA256 = re.compile(r"[0-9a-f]{64}")
ATTEMPTS = 5

Choose = Callable[[Iterable[str], str, Callable[[str], Path]], list[str]]
Check = Callable[[Path, str], None]


def hub_files(
    model_id: str, revision: str, choose: Choose, check: Check
) -> tuple[str, dict[str, Path], dict[str, str]]:
    """The commit of a revision, its chosen files {name: path in the hub's cache}, its licence.

    Args:
        model_id: OWNER/NAME.
        revision: commit, branch or tag.
        choose: which of the repository's file names to take; may read a file by its name.
        check: refuses a file (first argument) that is not what its name (second) says.

    Raises:
        FairpruneError: no such model, no access, no network, a broken file; in one line.
    """
    from huggingface_hub import HfApi, constants, snapshot_download

    token = os.environ.get("HF_TOKEN") or False  # False: not the one that a login has stored
    try:
        if constants.HF_HUB_OFFLINE:
            cached = Path(snapshot_download(model_id, revision=revision, local_files_only=True))
            names = (p.relative_to(cached).as_posix() for p in cached.rglob("*") if p.is_file())
            files = {n: cached / n for n in choose(names, model_id, cached.joinpath)}
            return cached.name, files, in_readme(cached / "README.md")
        info = HfApi(token=token).model_info(model_id, revision=revision)
        if not COMMIT.fullmatch(str(info.sha)):
            raise FairpruneError(
                f"{model_id}: {constants.ENDPOINT} names no commit: no hub answers"
            )

        def read(name: str) -> Path:
            return _cached_file(model_id, name, str(info.sha), token, check)

        present = (s.rfilename for s in info.siblings or [])
        files = {n: read(n) for n in choose(present, f"{model_id} ({revision})", read)}
        folder = Path(constants.HF_HUB_CACHE) / _repository_folder(model_id)
        if not COMMIT.fullmatch(revision):
            write_text(folder / "refs" / revision, str(info.sha))  # so that offline mode finds it
        return str(info.sha), files, stated(info.card_data.to_dict() if info.card_data else {})
    except FairpruneError:
        raise
    except Exception as error:  # the hub's library lets through errors of several others
        raise explained(error, model_id, revision, token) from error


def _cached_file(model_id: str, name: str, commit: str, token: str | bool, check: Check) -> Path:
    """A file's path in the hub's cache, downloaded into it (or to its end) if need be."""
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]

    cache = Path(constants.HF_HUB_CACHE)
    pointer = cache / _repository_folder(model_id) / "snapshots" / commit / name
    if pointer.exists():
        return pointer
    url = hf_hub_url(model_id, name, revision=commit)
    known = get_hf_file_metadata(url, token=token)
    etag = known.etag or ""
    if known.commit_hash is None or not NAME.fullmatch(etag):
        raise FairpruneError(
            f"{model_id}: {url} is not answered by a hub (no commit or hash): check HF_ENDPOINT "
            "and the proxy"
        )
    # hub 2 begins a killed download again from nothing, so the blob is put where it looks first
    blob = cache / _repository_folder(model_id) / "blobs" / etag
    blob.parent.mkdir(parents=True, exist_ok=True)
    (cache / ".locks").mkdir(exist_ok=True)
    with WeakFileLock(cache / ".locks" / f"fairprune-{etag}.lock"):
        if not blob.exists():
            partial = blob.with_name(f"{etag}.resumable")
            same_host = known.location.startswith(f"{constants.ENDPOINT}/")
            _fetch(known.location, partial, known.size, token if same_host else False, name)
            _verify(partial, etag, name, check)
            partial.replace(blob)
    return Path(hf_hub_download(model_id, name, revision=commit, token=token))


def _fetch(url: str, partial: Path, size: int | None, token: str | bool, name: str) -> None:
    """Download to the end of a partial file; gives up after 5 attempts without progress."""
    from huggingface_hub import constants, get_session, hf_raise_for_status
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    headers = build_hf_headers(token=token) | {"Accept-Encoding": "identity"}
    furthest, idle, last = -1, 0, "the connection ended early"
    while idle < ATTEMPTS:
        have = partial.stat().st_size if partial.exists() else 0
        if size is not None and have >= size:
            break
        idle = 0 if have > furthest else idle + 1
        furthest = max(furthest, have)
        asked = headers | ({"Range": f"bytes={have}-"} if have else {})
        try:
            with get_session().stream(
                "GET", url, headers=asked, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT
            ) as response:
                hf_raise_for_status(response)
                resumed = response.status_code == 206
                have = have if resumed else 0
                mode = "ab" if resumed else "wb"
                with partial.open(mode, buffering=0) as stream, _bar(name, size, have) as bar:
                    for piece in response.iter_bytes():
                        stream.write(piece)
                        bar.update(len(piece))
            if size is None:
                return
        except HfHubHTTPError as error:
            if error.response.status_code < 500:
                raise
            last = f"status {error.response.status_code}"
        except OSError:
            raise
        except Exception as error:  # the HTTP library's own errors, whose module changes its name
            last = type(error).__name__
        time.sleep(min(idle, 2))
    have = partial.stat().st_size if partial.exists() else 0
    if have != size:
        if size is not None and have > size:
            partial.unlink()
        raise FairpruneError(
            f"{name} has {have} bytes, the hub says {size} ({last}): run again to go on"
        )


def _verify(partial: Path, etag: str, name: str, check: Check) -> None:
    """Refuse, and throw away, a download that is not what the hub or its name says."""
    try:
        if SHA256.fullmatch(etag) and sha256_file(partial) != etag:
            raise FairpruneError(f"{name} is not what the hub says (its sha256 differs): run again")
        check(partial, name)
    except FairpruneError:
        partial.unlink()
        raise


def _bar(name: str, size: int | None, have: int) -> Any:
    return tqdm(total=size, initial=have, desc=name, unit="B", unit_scale=True, mininterval=1)


def _repository_folder(model_id: str) -> str:
    from huggingface_hub.file_download import repo_folder_name

    return repo_folder_name(repo_id=model_id, repo_type="model")
