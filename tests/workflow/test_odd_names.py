"""Nothing in a configuration is run by a shell, and odd names go through to the report."""

import copy
import re

import pytest

from workflow.conftest import MICRO, ROOT, Workspace

ODD = "a b'c\"d $(touch PWNED) `touch PWNED` ;e & ü#*"
RULE = r"^ +params:\n((?: {8}.*\n)+)(?:.*\n)*? +shell:\n((?: +\".*\n)+)"


@pytest.mark.parametrize("file", sorted((ROOT / "rules").glob("*.smk")), ids=lambda f: f.name)
def test_every_value_in_a_shell_command_is_quoted(file):
    """By the rule; or it is a parameter that is shell text already, made by the jobs or shlex."""
    text = file.read_text()
    rules = re.findall(RULE, text, re.M)
    assert len(rules) == text.count("    shell:\n")
    for params, command in rules:
        made = dict(re.findall(r"^ {8}(\w+)=(.*),$", params, re.M))
        for value in re.findall(r"\{([^}]*)\}", command):
            name, _, how = value.partition(":")
            source = made.get(name.removeprefix("params."), "")
            ready = name.startswith("params.") and re.search(r"^JOBS\.|\bshlex\.join\(", source)
            assert how == "q" or ready, f"{file.name}: {value}"


@pytest.mark.long("of whole runs")
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
