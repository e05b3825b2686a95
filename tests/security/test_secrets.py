"""A token is found nowhere after a run with logs at debug level, nor in the process list."""

import threading
from pathlib import Path

import pytest
from faults.harness import Bench
from workflow.conftest import MICRO, Workspace

from fairprune import tokens
from fairprune.errors import FairpruneError
from fairprune.io.fetch import fetch

CANARY = "hf_cAnArYcAnArYcAnArY0123456789"
LOUD = {
    "HF_DEBUG": "1",
    "HF_HUB_VERBOSITY": "debug",
    "TRANSFORMERS_VERBOSITY": "debug",
    "DATASETS_VERBOSITY": "debug",
}


def _command_lines() -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


class Watch(threading.Thread):
    """Looks through the process list for the canary until it is told to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ended, self.found = threading.Event(), []

    def run(self) -> None:
        while not self.ended.wait(0.2):
            self.found += [line for line in _command_lines() if CANARY in line]


@pytest.mark.long("of whole runs")
def test_a_run_tells_nobody(tmp_path):
    (tmp_path / "run").mkdir()
    workspace = Workspace.fresh(tmp_path / "run")
    workspace.config = {**MICRO, "methods": {"magnitude": {}}}
    readme = workspace.folder / "model/README.md"
    readme.write_text(f"{readme.read_text()}\nhf_token: {CANARY}\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".netrc").write_text(f"machine 127.0.0.1 login me password {CANARY}\n")
    (home / ".netrc").chmod(0o600)
    watch = Watch()
    watch.start()
    run = workspace.snakemake(
        "--verbose", "--printshellcmds", HF_TOKEN=CANARY, HOME=str(home), **LOUD
    )
    watch.ended.set()
    watch.join()
    assert run.code == 0, run.text
    assert CANARY not in run.text
    assert watch.found == []
    looked = 0
    for file in workspace.folder.rglob("*"):
        if file.is_file() and file.resolve() != readme.resolve():
            looked += 1
            assert CANARY.encode() not in file.read_bytes(), file
    assert looked > 50


@pytest.mark.parametrize(
    "url",
    [
        f"https://me:{CANARY}@host/x.csv",
        f"https://host/x.csv?token={CANARY}",
        "https://host/x.csv?X-Amz-Signature=s3cret",
        f"https://host/{CANARY}/x.csv",
    ],
)
def test_an_address_with_a_secret_is_refused_without_showing_it(url, tmp_path):
    with pytest.raises(FairpruneError, match="password or token") as refused:
        fetch(url, tmp_path / "x.csv")
    assert CANARY not in str(refused.value) and "s3cret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_an_entry_is_as_silent_when_it_debugs(tmp_path):
    done = Bench(tmp_path).entry(
        "download_file", "--url", f"https://me:{CANARY}@host/x", "--output", "x", "--debug"
    )
    assert done.code == 1
    assert CANARY not in done.out + done.err


def test_the_own_token_is_known_whatever_it_looks_like(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "plain-words-only")
    with pytest.raises(FairpruneError) as refused:
        tokens.check_secrets({"models": {"m": {"path": "x/plain-words-only"}}}, "my.yaml")
    assert "my.yaml, models.m.path" in str(refused.value)
    assert "plain-words" not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["models/hf_llama_8b_instruct", "https://host/a?download=1", "a:b"]
)
def test_ordinary_texts_are_no_secrets(text):
    assert not tokens.holds_secret(text)
