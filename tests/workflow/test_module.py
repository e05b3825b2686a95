"""The workflow as a module of somebody else's, in another folder, with and without a prefix."""

import subprocess
import sys

from workflow.conftest import ROOT, Run

SNAKEFILE = """
configfile: "micro.yaml"

module fairprune:
    snakefile: "{root}/Snakefile"
    config: config
    {prefix}

use rule * from fairprune as fp_*

rule count:
    default_target: True
    input: {input}
    output: "lines.txt"
    shell: "wc -l < {{input}} > {{output}}"
"""


def run(workspace, input, *arguments, prefix=""):
    """The user's own workflow, which counts lines of what the module makes."""
    workspace.write_config()
    text = SNAKEFILE.format(root=ROOT, prefix=prefix, input=input)
    (workspace.folder / "Snakefile").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
        cwd=workspace.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=workspace.environment(),
    )
    return Run(done.returncode, done.stdout + done.stderr)


def test_what_is_there_already_is_taken(finished, tmp_path):
    """The same files as of a run by itself, none of which is made again."""
    workspace = finished.copy(tmp_path / "run")
    for name in ("manifest.txt", "config.yaml"):
        (workspace.folder / "results" / name).unlink()
    table = "rules.fp_build_tables.output.fairness"
    done = run(workspace, table)
    assert done.code == 0, done.text
    assert done.jobs == {"count": 1}
    lines = (workspace.folder / "results/tables/fairness.csv").read_text().count("\n")
    assert int((workspace.folder / "lines.txt").read_text()) == lines
    assert (workspace.folder / "results/manifest.txt").is_file()
    assert "made: " not in done.text  # what is said at the end is up to the user


def test_a_prefix_is_put_before_what_is_made(workspace):
    """And not before the user's own files."""
    workspace.config["methods"] = {"magnitude": {}}
    card = '"fp/results/pruned/demo/magnitude/none/0.50/card.json"'
    before = {path.name for path in workspace.folder.iterdir()}
    done = run(workspace, card, prefix='prefix: "fp"')
    assert done.code == 0, done.text
    assert done.jobs == {"fp_download_model": 1, "fp_prune_model": 1, "count": 1}
    after = {path.name for path in workspace.folder.iterdir()} - {".snakemake", "micro.yaml"}
    assert after == before | {"Snakefile", "fp", "lines.txt"}
    assert {path.name for path in (workspace.folder / "fp").iterdir()} == {"data", "results"}
    whole = run(workspace, "rules.fp_all.input", "-n", prefix='prefix: "fp"')
    assert whole.code == 0 and "fp_download_model" not in whole.jobs, whole.text
    assert whole.jobs["fp_prepare_task"] == 2 and whole.jobs["fp_build_report"] == 1


def test_a_mistake_in_its_configuration_is_one_line(workspace):
    workspace.config["sed"] = 43
    done = run(workspace, '"results/report.html"', "-n")
    (line,) = [line for line in done.text.splitlines() if line.startswith("error: ")]
    assert done.code == 1 and "did you mean 'seed'" in line
