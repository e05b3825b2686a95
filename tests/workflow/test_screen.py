"""What a run says on the screen: what it will take, what is misspelt, and why it has failed."""

import json
import logging
import re
from pathlib import Path

import pytest

from fairprune import config_file
from fairprune.errors import FairpruneError
from fairprune.workflow import plan
from fairprune.workflow.asked import check_targets
from fairprune.workflow.cost import check_disk, disk_bytes, parts_to_do, time_line
from fairprune.workflow.every_file import every_file
from fairprune.workflow.screen import Screen
from workflow.conftest import ROOT
from workflow.test_jobs import RAW

HUGE = {"id": "owner/huge", "revision": "0" * 40, "parameters": 9999}


def errors(run):
    return [line for line in run.text.splitlines() if line.startswith("error: ")]


def test_a_plan_says_disk_time_and_inputs_in_a_line_each(workspace):
    workspace.config["calibration"]["texts"] = ["wiki"]
    workspace.config |= {"texts": {"wiki": "wiki.txt"}, "language": {"corpora": ["wiki"]}}
    (workspace.folder / "wiki.txt").write_text("Once upon a time.\n")
    run = workspace.snakemake("-n")
    assert run.code == 0, run.text
    for begin in ("disk (GB) for what is to be made: ", "time for what is to be made: about 1 min"):
        assert len(re.findall(rf"^{re.escape(begin)}", run.text, re.M)) == 1, run.text
    said = "task reviews: 48 independent inputs in the test split; at most 6 are judged"
    assert said in run.text.splitlines()
    assert "warning: perplexity on 'wiki'" in run.text
    assert "Reason: " not in run.text  # hundreds of files each
    assert "Pruning demo (method hgla, sparsity 0.50, calibrated on reviews.balanced)" in run.text


def test_a_long_plan_shows_its_first_jobs_and_counts_all(workspace):
    workspace.config["methods"] = {"hgla": {}, "wanda": {}, "magnitude": {}}
    workspace.config["grid"] = [{"sparsities": [n / 100 for n in range(5, 90)]}]
    run = workspace.snakemake("-n", "--until", "prune_model")
    assert run.code == 0, run.text
    lines = run.text.splitlines()
    (more,) = [line for line in lines if re.fullmatch(r"and \d+ more jobs .*", line)]
    total = int(re.search(r"^total +(\d+)", run.text, re.M)[1])
    assert int(more.split()[1]) == total - 100 > 100
    assert len(re.findall(r"^[A-Z][a-z]+ing ", run.text, re.M)) >= 100 and len(lines) < 200


def test_a_disk_that_is_too_small_stops_a_run_before_it_starts(workspace):
    workspace.config["models"]["huge"] = HUGE
    for _ in range(2):  # the second would find a lock that was left
        run = workspace.snakemake()
        assert run.code == 1
        (line,) = errors(run)
        assert "will not suffice" in line and "models 19998.00" in line
        assert "[1/" not in run.text
    assert not (workspace.folder / "data").exists()


def test_disk_of_gradients_that_go_is_that_of_one_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept, passing = (
        disk_bytes(config_file.parse(RAW | {"keep": {"gradients": keep}})) for keep in (True, False)
    )
    assert kept["gradients"] == 2 * 6 * 4 * 3e9
    assert passing["gradients"] == 2 * 4 * 3e9
    grid = [{"sparsities": [0.5], "models": ["m"]}]
    assert disk_bytes(config_file.parse(RAW | {"grid": grid}))["models"] == 0  # it is linked
    with pytest.raises(FairpruneError, match="will not suffice"):
        check_disk(config_file.parse(RAW | {"models": {**RAW["models"], "n": HUGE}}))


def test_the_published_experiment_keeps_what_it_needs(tmp_path, monkeypatch):
    """The README says how much that is."""
    monkeypatch.chdir(tmp_path)
    needed = sum(disk_bytes(config_file.read(ROOT / "config/config.yaml")).values())
    (said,) = re.findall(r"about (\d+) GB of disk", (ROOT / "README.md").read_text())
    assert needed == pytest.approx(int(said) * 1e9, rel=0.02)


def test_what_is_there_takes_no_more(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = RAW | {"tasks": {"t": RAW["tasks"]["t"]}}  # a job with a model makes one file then
    config = config_file.parse(asked)
    before = parts_to_do(config)
    for part in before[::2]:
        (tmp_path / part.file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / part.file).touch()
    assert parts_to_do(config) == before[1::2]
    assert time_line(config) != time_line(config_file.parse(asked | {"results": "results/y"}))


def test_a_job_of_several_files_is_to_be_done_while_one_is_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = config_file.parse(RAW | {"language": {"corpora": ["wiki"]}})
    found = plan.targets(config)["language"] + [
        f"{config.results}/summaries/{variant}/{task}/test.jsonl"
        for variant in plan.variants(config)
        for task in plan.tasks_of(config, variant)
    ]
    for file in map(Path, found):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    stages = [part.stage for part in parts_to_do(config)]
    assert not {"summaries", "language", "both"} & {*stages}
    dense = plan.dense("n")
    for file in (f"language/{dense}.json", f"summaries/{dense}/u/test.jsonl"):
        Path(config.results, file).unlink()
        assert sorted(part.stage for part in parts_to_do(config)) == sorted([*stages, "both"])
        Path(config.results, file).touch()


BASE = "results/x"
TARGETS = {
    f"{BASE}/pruned/n/hgal/t.one/0.50/card.json": "did you mean results/x/pruned/n/hgla/t.one",
    f"{BASE}/pruned/n/hgla/t.noe/0.50/card.json": "unknown calibration set 't.noe'",
    f"{BASE}/pruned/n/hgla/none/0.50/card.json": "unknown calibration set 'none'",
    f"{BASE}/pruned/n/magnitude/t.one/0.50/card.json": "did you mean results/x/pruned/n/magnitude/",
    f"{BASE}/language/n/dense/none/0.50.json": "the dense model is n/dense/none/0.00",
    f"{BASE}/pruned/n/mine/t.one/9of4/card.json": "0 < N < M",
    "build_tabels": "did you mean build_tables?",
    "something": "snakemake -n lists",
}
FINE = ("all", "build_tables", f"{BASE}/pruned/n/hgla/t.one-s99/0.35/card.json",
        f"{BASE}/summaries/n/magnitude/none/0.05/t/test.jsonl", f"{BASE}/report.html")  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_a_misspelt_target_is_answered(target):
    config = config_file.parse(RAW)
    made = {*every_file(config), *plan.targets(config)["report"]}

    def is_made(file):
        return file in made or bool(re.search(r"/(hgla|mine|magnitude|dense)/", file))

    check_targets(config, FINE, ["all", "build_tables"], is_made)
    with pytest.raises(FairpruneError) as refused:
        check_targets(config, [target], ["all", "build_tables"], is_made)
    assert TARGETS[target] in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("options", [(), ("--forcerun",), ("--until",)])
def test_misspelt_on_the_command_line(workspace, options):
    name = "results/fairness/demo/hgla/reviews.balancd/0.50/reviews.json"
    run = workspace.snakemake("-n", *options, name if not options else "prune_modl")
    (line,) = errors(run)
    assert run.code == 1 and "did you mean" in line and "Traceback" not in run.text


def test_what_a_step_warns_of_is_shown_once(tmp_path):
    screen, log = Screen(logging.Formatter(), plan=False), tmp_path / "a.log"
    log.write_text("1 of 2\nwarning: 5% are valid\nwritten\n")

    def ended(number):
        about = {"rule_msg": f"Judging {number}", "rule_name": "evaluate_quality", "output": []}
        about |= {"benchmark": str(tmp_path / "none"), "log": [str(log)], "jobid": number}
        screen.filter(logging.makeLogRecord({"event": "job_info", **about}))
        end = {"event": "job_finished", "job_id": number}
        return screen.format(logging.makeLogRecord(end)).splitlines()

    first, second = ended(1), ended(2)
    assert first[0].startswith("[1/0] Judging 1 took")
    assert first[1:] == ["warning: 5% are valid"]
    assert len(second) == 1


def test_a_step_that_fails_says_why_on_the_screen(workspace):
    file = workspace.folder / "reviews.jsonl"
    row = {"id": "x", "input": "a || b", "label": "good", "summary": ""}
    file.write_text(f"{file.read_text()}{json.dumps(row)}\n")
    run = workspace.snakemake()
    assert run.code == 1
    why = "2 opinions but 1 labels"
    log = r"results/logs/prepare_task/reviews/\1.log"  # whichever of the splits comes first
    block = (
        r"^failed after \d+ s: Reading the (\w+) split of task reviews\n"
        rf"    error: reviews.jsonl, row 217: {why}.*\n    its log: {log}$"
    )
    assert re.search(block, run.text, re.M), run.text
    assert re.search(rf"^failed: prepare_task/reviews/\w+: .*{why}", run.text, re.M)
    assert "prepare_task.py" not in run.text  # no command lines
    assert "prepare_task.py" in workspace.snakemake("--printshellcmds").text
    quiet = workspace.snakemake("--quiet", "all")
    assert (quiet.code, len(quiet.text.splitlines())) == (1, 1)  # the profile's
