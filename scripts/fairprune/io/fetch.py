"""A file from the web: resumed, checked, and whole or not there."""

import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tqdm import tqdm

from fairprune.errors import FairpruneError, shortened
from fairprune.io.cards import write_card
from fairprune.tokens import holds_secret

HUB = "https://huggingface.co"
ATTEMPTS = 4
BROKEN = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,  # ended before its stated length
)
CHUNK = 1 << 16
TIMEOUT = (10, 30)  # seconds to connect, and of silence


def fetch(url: str, output: Path) -> Path:
    """Download `url` to `output`, with a card beside it.

    What an interrupted download got is kept as `OUTPUT.part` and gone on from. A token in
    HF_TOKEN goes to the Hugging Face hub alone.

    Returns:
        `output`.

    Raises:
        FairpruneError: the server refuses, is silent, or sends a page where a file is expected;
            an address that holds a secret, which is not shown.
    """
    if holds_secret(url):
        raise FairpruneError(
            f"an address at {urlsplit(url).hostname} holds a password or token: it would be seen "
            "in process lists and cards; give one without"
        )
    part = output.with_name(output.name + ".part")
    output.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(ATTEMPTS):
        try:
            _go_on(url, part)
            break
        except BROKEN as error:
            if attempt == ATTEMPTS - 1:
                what = type(error).__name__
                raise FairpruneError(
                    f"{url}: no answer after {ATTEMPTS} attempts ({what}); what has come is kept: "
                    "run the step again"
                ) from None
            time.sleep(2**attempt / 2)
        except requests.RequestException as error:
            what = f"{type(error).__name__}: {shortened(error, 300)}"
            raise FairpruneError(f"{url} cannot be asked ({what}): check the address") from None
    _refuse_page(url, part, output)
    os.replace(part, output)
    part.with_name(part.name + ".version").unlink(missing_ok=True)
    write_card(output, stage="download_file", files=[output], parameters={"url": url})
    return output


def _go_on(url: str, part: Path) -> None:
    """Append to `part` what is still missing; all of it where the server's file is another now."""
    version = part.with_name(part.name + ".version")
    have = part.stat().st_size if part.is_file() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    if have and version.is_file():
        headers["If-Range"] = version.read_text(encoding="utf-8")
    token = os.environ.get("HF_TOKEN")
    if token and url.startswith(_hub() + "/"):
        headers["Authorization"] = f"Bearer {token}"
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT, auth=_no_netrc) as answer:
        if answer.status_code == 416 and have:
            if answer.headers.get("Content-Range", f"bytes */{have}") == f"bytes */{have}":
                return
            part.unlink()
            raise requests.ConnectionError("the file is another one now")
        if answer.status_code >= 400:
            raise FairpruneError(_refusal(url, answer.status_code))
        resumed = answer.status_code == 206
        total = int(answer.headers.get("Content-Length") or 0) or None
        if known := answer.headers.get("ETag") or answer.headers.get("Last-Modified"):
            version.write_text(known, encoding="utf-8")
        else:
            version.unlink(missing_ok=True)
        with (
            part.open("ab" if resumed else "wb") as stream,
            tqdm(total=total, unit="B", unit_scale=True, desc=part.stem) as progress,
        ):
            for chunk in answer.iter_content(CHUNK):
                stream.write(chunk)
                progress.update(len(chunk))


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """In place of passwords that the HTTP library would look for by itself."""
    return request


def _hub() -> str:
    return os.environ.get("HF_ENDPOINT", HUB).rstrip("/")


def _refusal(url: str, status: int) -> str:
    host = urlsplit(url).hostname
    if status in (401, 403):
        return f"{url}: {host} refuses access ({status}); if it is gated, set HF_TOKEN"
    if status == 404:
        return f"{url}: not there (404); check the address"
    return f"{url}: {host} answers {status}; try again later"


def _refuse_page(url: str, part: Path, output: Path) -> None:
    """An error page that came with status 200 is no data."""
    with part.open("rb") as stream:
        start = stream.read(64).lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")) and output.suffix not in (".html", ".htm"):
        part.unlink()
        raise FairpruneError(f"{url}: a web page came in place of {output.name}; open it and see")
