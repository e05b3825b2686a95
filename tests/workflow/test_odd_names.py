"""Nothing in a configuration is run by a shell, and odd names go through to the report."""

import copy
import re

import pytest

from workflow.conftest import MICRO, ROOT, Workspace

ODD = "a b'c\"d $(touch PWNED) `touch PWNED` ;e & ü#*"
# Parameters that are shell text already, made by shlex.
WORDS = {
    "options",
    "torch",
    "pruned",
    "norms",
    "fairness",
    "sheets",
    "names",
    "summaries",
    "source",
}


@pytest.mark.parametrize("file", sorted((ROOT / "rules").glob("*.smk")), ids=lambda f: f.name)
def test_every_value_in_a_shell_command_is_quoted(file):
    for command in re.findall(r"^ +shell:\n((?: +\".*\n)+)", file.read_text(), re.M):
        for value in re.findall(r"\{([^}]*)\}", command):
            name, _, how = value.partition(":")
            ready = name.startswith("params.") and name.removeprefix("params.") in WORDS
            assert how == "q" or ready, f"{file.name}: {value}"


def test_words_of_parameters_are_made_by_shlex():
    """What a rule itself joins to options goes through shlex."""
    for file in (ROOT / "rules").glob("*.smk"):
        for name, value in re.findall(r"^ {8}(\w+)=(.*),$", file.read_text(), re.M):
            if name in WORDS and ("lambda" in value or "join" in value):
                assert "shlex.join(" in value, f"{file.name}: {name}"


def test_odd_names_go_through_to_the_report(tmp_path):
    workspace = Workspace.fresh(tmp_path)
    for name in ("model", "reviews.jsonl"):
        (tmp_path / ODD).mkdir(exist_ok=True)
        (tmp_path / name).rename(tmp_path / ODD / name)
    text = "The quick brown fox jumps over the lazy dog again and again.\n\n" * 50
    (tmp_path / ODD / "wiki.txt").write_text(text)
    config = workspace.config = copy.deepcopy(MICRO)
    config |= {
        "results": f"r {ODD}",
        "models": {"demo": {"path": f"{ODD}/model"}},
        "prompts": {"odd": {"before": f"{ODD} {{x}}\n", "after": "$(touch PWNED)"}},
        "texts": {"wiki": f"{ODD}/wiki.txt"},
        "language": {"corpora": ["wiki"], "window": 32},
        "methods": {"wanda": {}},
        "summaries": {"max_new_tokens": 8, "stop": [ODD]},
    }
    config["calibration"]["texts"] = ["wiki"]
    config["tasks"]["reviews"] |= {"files": [f"{ODD}/reviews.jsonl"], "prompt": "odd", "limit": 3}
    run = workspace.snakemake("--show-failed-logs")
    assert run.code == 0, run.text
    assert (tmp_path / f"r {ODD}" / "report.html").is_file()
    assert not list(tmp_path.rglob("PWNED"))
