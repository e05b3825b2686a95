"""What a forge reads: each says of the project what the project says of itself."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
ZENODO = json.loads((ROOT / ".zenodo.json").read_text())
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_an_archive_says_what_the_citation_says():
    names = [author.get("name") for author in CITATION["authors"]]
    assert [creator["name"] for creator in ZENODO["creators"]] == names
    for key, other in {"title": "title", "license": "license", "version": "version",
                       "description": "abstract", "keywords": "keywords"}.items():  # fmt: skip
        assert ZENODO[key] == CITATION[other]


def test_every_place_has_one_version(monkeypatch):
    from fairprune import __version__

    assert CITATION["version"] == __version__
    notes = subprocess.run(
        ["make", "--silent", "notes", f"VERSION={__version__}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert notes.returncode == 0
    assert notes.stdout.startswith(f"## {__version__}")
    assert notes.stdout.count("\n## ") == 0
    words = ["make", "--silent", "notes", "VERSION=9.9.9"]
    missing = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert missing.returncode and "no 9.9.9" in missing.stderr


def test_workflows_call_what_there_is():
    """Targets of the Makefile, the Pythons of the package, nothing but published actions."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    steps = []
    for file in (ROOT / ".github/workflows").glob("*.yml"):
        for name, job in yaml.safe_load(file.read_text())["jobs"].items():
            steps += job["steps"]
            if name == "ranges":
                pythons = job["strategy"]["matrix"]["python"]
    said = " ".join(step.get("run", "") for step in steps)
    called = set(re.findall(r"\bmake ([a-z-]+)", said))
    assert called and called <= targets
    assert pythons == [
        one.rpartition(" ")[2] for one in PROJECT["classifiers"] if "Python :: 3." in one
    ]
    assert f">={pythons[0]}" == PROJECT["requires-python"]
    assert "secrets." not in json.dumps(steps)
