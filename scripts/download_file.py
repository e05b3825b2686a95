"""Entry: one file of data from the web."""

from pathlib import Path
from typing import Annotated

from typer import Option

from fairprune.cli import Output, run


def download_file(url: Annotated[str, Option(help="https address.")], output: Output) -> Path:
    """Download a file of data, resuming what an interrupted download got.

    Example: download_file.py --url https://host/reviews.json --output data/downloads/r/reviews.json
    """
    from fairprune.errors import FairpruneError
    from fairprune.io.fetch import fetch

    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise FairpruneError(f"{url}: an https address is expected")
    return fetch(url, output)


if __name__ == "__main__":
    run(download_file)
