"""What a run says: `snakemake -n` in words, and at its end what was made."""

import re

import pytest
import yaml

from fairprune.fairness.comparing.verdicts import WORDS
from fairprune.workflow.closing import closing
from workflow.conftest import ROOT, Workspace


def test_every_rule_says_in_words_what_it_does():
    for file in (ROOT / "Snakefile", *(ROOT / "rules").glob("*.smk")):
        for rule in re.split(r"^ *(?=(?:use )?rule )", file.read_text(), flags=re.M)[1:]:
            assert "message:" in rule, rule.splitlines()[0]


def test_dry_run_of_the_demo_is_readable(tmp_path):
    config = yaml.safe_load((ROOT / "config/demo.yaml").read_text())
    config["models"]["demo"]["path"] = str(ROOT / "data/demo/model")
    for task in config["tasks"].values():
        task["files"] = [str(ROOT / file) for file in task["files"]]
    text = Workspace(tmp_path, config).snakemake("--dry-run").text
    assert "Pruning demo (method wanda, sparsity 0.30, calibrated on reviews.balanced)" in text
    assert "Drawing the figures and tables for a paper" in text
    jobs = re.findall(r"^[A-Z][a-z]+ing .+$", text.partition("Job stats:")[0], re.M)
    assert len(jobs) >= 50
    assert not [job for job in jobs if "{" in job]


def test_closing_says_what_where_how_long_and_how_much_memory(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "report.html").write_text("")
    for name, value in (("prune_model/m/a", "512.5"), ("build_tables", "NA")):
        file = tmp_path / f"benchmarks/{name}.tsv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"s\th:m:s\tmax_rss\n1.0\t0:00:01\t{value}\n")
    made, took, memory = closing(tmp_path, 3725).splitlines()
    assert made == f"made: {tmp_path}/report.html, {tmp_path}/tables"
    assert took == "took: 1 h 2 min"
    assert memory == "largest memory of a job so far: 512 MiB (prune_model/m/a)"
    assert "took: 0 min 59 s" in closing(tmp_path / "none", 59)


@pytest.mark.long("of whole runs")
def test_run_ends_with_it_and_makes_snakemakes_own_report(finished, tmp_path):
    """`snakemake --report`: every figure and table, with its caption, in its category."""
    workspace = finished.copy(tmp_path / "run")
    (workspace.folder / "results/figures/layers.pdf").unlink()
    run = workspace.snakemake()
    assert run.jobs == {"build_figures": 1}, run.text
    drawn = r"^\[1/2\] Drawing the figures and tables for a paper took \d+ s$"
    assert re.search(drawn, run.text, re.M)
    assert "[2/2] Everything that the configuration asks for is there\n" in run.text
    assert not re.search("jobid|Reason|steps|Execute|Building", run.text)
    assert len(run.text) < 1500
    kept = max((workspace.folder / ".snakemake/log").glob("*.log")).read_text()
    assert "Finished jobid" in kept and "Reason: Missing output files" in kept
    assert re.search(
        r"^made: results/report.html, results/figures, results/tables$", run.text, re.M
    )
    assert re.search(r"^largest memory of a job so far: \d+ MiB", run.text, re.M)
    verdicts = re.findall(
        r"^fairness of (\w+) on (\w+), against the model as it is: (.+)$", run.text, re.M
    )
    assert len(verdicts) == len(list((workspace.folder / "results/comparisons").rglob("*.parquet")))
    words = "|".join(WORDS)
    assert all(
        re.fullmatch(rf"\d+ ({words})(, \d+ ({words}))*", counts) for _, _, counts in verdicts
    )
    run = workspace.snakemake("--report", "report.html")
    assert run.code == 0, run.text
    page = (workspace.folder / "report.html").read_text(encoding="utf-8")
    for name in ("verdicts", "fairness", "quality", "pareto", "layers"):
        assert f"results/figures/{name}.svg" in page
    for name in ("fairness", "quality", "language", "pruning"):
        assert f"results/tables/{name}.csv" in page
    assert "does a pruned language model still represent everybody" in page
    assert "the variants that no other beats in both" in page
    assert '"Figures"' in page
    assert '"Tables"' in page
    assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="https?:', page)
