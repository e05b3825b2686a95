"""`fairprune status`: what is there, what is missing, and what is stale and why."""

from pathlib import Path

import pytest

from fairprune.errors import FairpruneError
from fairprune.workflow import status
from fairprune.workflow.status import changes, difference, show_status

HEAD = ["output_file", "date", "rule", "log-file(s)", "status", "plan"]
DIGEST = "0123456789abcdef"


def summary(*rows):
    return "\n".join("\t".join(row) for row in (HEAD, *rows))


def row(file, status, plan, log="-"):
    return (file, "-", "rule", log, status, plan)


def test_files_by_stage():
    found = status.files(
        summary(
            row("r/report.html", "missing", "update pending"),
            row("data/models/m/card.json", "ok", "no update"),
            row("r/fairness/m/t.json", "missing", "update pending", "x.log"),
            row("r/fairness/m/t.parquet", "ok", "update pending", "x.log"),
            row("r/fairness/m/t.json.card.json", "ok", "update pending", "x.log"),
            row("r/gradients/m/full.safetensors", "removed temp file", "no update"),
            row("r/tasks/t/test.parquet", "updated input files", "update pending"),
        )
    )
    assert [(file.stage, file.state) for file in found] == [
        *(("models", "there"), ("tasks", "stale"), ("fairness", "missing")),
        *(("fairness", "stale"), ("report", "missing")),
    ]
    assert found[1].reason == "what it is made from is newer"
    assert found[3].reason == "a file that is made together with it is missing"
    assert [line.split() for line in status.table(found)] == [
        *(["there", "missing", "stale"], ["models", "1"], ["tasks", "1"]),
        *(["fairness", "1", "1"], ["report", "1"]),
    ]


def test_why_a_run_cannot_be_planned_is_one_line():
    absent = (
        "MissingInputException in rule prepare_task in file /x/rules/data.smk, line 32:\n"
        "Missing input files for rule prepare_task:\n    output: r/tasks/t/test.parquet\n"
        "    wildcards: task=t, split=test\n    affected files:\n        my data/a (1).csv\n"
    )
    assert status.refused(absent).startswith("my data/a (1).csv is no file, and no step makes it")
    assert status.refused("Using profile x\nerror: tasks.t: no\n") == "tasks.t: no"
    assert status.refused("one\ntwo:\n  three\n") == "one two: three"
    assert status.refused("") == "snakemake says nothing"


def test_a_change_that_snakemake_does_not_tell_may_be_of_code(monkeypatch, tmp_path):
    """Where an input is made again too, its plan gives that reason, and no settings."""
    pending = row("r/report.html", "params changed", "update pending", "x.log")
    plan = "Reason: Input files updated by another job: r/tables/quality.csv\n"
    monkeypatch.setattr(status, "_snakemake", lambda _, *w: plan if "-n" in w else summary(pending))
    found = show_status(tmp_path / "mine.yaml")
    assert "stale: r/report.html: its settings or the code of its step have changed" in found


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (f"'{DIGEST}'", f"'{DIGEST[::-1]}'", "the code of its step has changed"),
        ("'--seed 42 --mix a'", "'--seed 43 --mix a'", "--seed 42 → --seed 43"),
        ("'--mix a'", "'--mix a --limit 3'", "nothing → --limit 3"),
        (f"'--tau 0.8','{DIGEST}'", f"'{DIGEST[::-1]}','--tau 0.5'", "--tau 0.8 → --tau 0.5; the"),
    ],
)
def test_what_differs(before, now, said):
    assert said in difference(before, now)
    plan = (
        f"Reason: Params have changed since last execution: before: {before} now: {now} \n"
        "Shell command: python x.py --stop '\n' \"it's\" > 'r/my logs/x.log' 2>&1\n"
        "Reason: Missing output files: y\nShell command: python y.py > r/logs/y.log 2>&1"
    )
    assert said in changes(plan)["r/my logs/x.log"] and len(changes(plan)) == 1


def test_of_a_run(finished, tmp_path, monkeypatch):
    copy = finished.copy(tmp_path / "run")
    monkeypatch.chdir(copy.folder)
    copy.write_config()
    assert show_status(Path("micro.yaml")).endswith("everything is there")
    copy.config["fairness"]["tau"] = 0.7
    copy.write_config()
    Path("results/quality/demo/dense/none/0.00/reviews.json").unlink()
    lines = show_status(Path("micro.yaml")).splitlines()
    assert ["quality", "2", "1", "1"] in [line.split() for line in lines]
    dense = "stale: results/fairness/demo/dense/none/0.00/reviews.json and 1 more: "
    assert f"{dense}its settings have changed: --tau 0.8 → --tau 0.7" in lines
    (Path("micro.yaml")).write_text("modls: {}\n")
    with pytest.raises(FairpruneError, match="did you mean 'models'"):
        show_status(Path("micro.yaml"))
