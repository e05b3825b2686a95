"""Command lines and targets, from a configuration and wildcards."""

import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from fairprune import config_file
from fairprune.errors import FairpruneError
from fairprune.io.variants import Variant
from fairprune.workflow import calibrations, fetched, plan
from fairprune.workflow.cautions import cautions
from fairprune.workflow.configured import configured
from fairprune.workflow.cost import disk_bytes, parts_to_do
from fairprune.workflow.every_file import every_file
from fairprune.workflow.jobs import Jobs
from fairprune.workflow.resources import memory_mb, parameters, runtime_minutes

RAW = {
    "results": "results/x",
    "models": {"m": {"path": "some model"}, "n": {"id": "a/n-3B", "revision": "0" * 40}},
    "prompts": {"mine": {"before": "Say: ", "after": "\nNow:"}},
    "tasks": {
        "t": {
            "files": ["it's.csv", "https://host/folder/b.jsonl"],
            "prompt": "mine",
            "groups": ["a", "b c"],
            "calibration": {"one": {"mix": "b c"}, "bare": {"mix": "random", "prompt": False}},
        },
        "u": {"files": ["u.jsonl"], "prompt": "reviews"},
    },
    "texts": {"wiki": "wiki.txt"},
    "calibration": {"seeds": [42, 43], "texts": ["wiki"]},
    "methods": {
        "magnitude": {},
        "mine": {"score": "gblm", "group": "layer", "options": {"score.gradient_norm": "l1"}},
        "hgla": {},
    },
    "grid": [{"sparsities": [0.5, "2of4"], "models": ["n"]}],
}


class W(dict):
    """Wildcards as Snakemake gives them."""

    __getattr__ = dict.__getitem__


@pytest.fixture
def config():
    return config_file.parse(RAW)


@pytest.fixture
def jobs(config):
    return Jobs(config)


def test_calibration_sets_with_their_seeds(config):
    assert calibrations.calibration_names(config) == [
        "t.one", "t.one-s43", "t.bare", "t.bare-s43", "wiki", "wiki-s43",
    ]  # fmt: skip
    assert calibrations.calibration_seed(config, "t.one") == 42
    assert calibrations.calibration_seed(config, "t.one-s43") == 43
    assert calibrations.task_set(config, "t.one-s43") == ("t", "one")
    assert calibrations.task_set(config, "wiki-s43") == ("wiki", "")


def test_variants(config):
    variants = plan.variants(config)
    assert variants[0] == plan.dense("n")
    # magnitude × 2 sparsities, two methods × 6 sets × 2 sparsities, once the dense model
    assert len(variants) == 1 + 2 + 2 * 6 * 2


def test_a_grid_of_some_draws(config):
    some = config.model_copy(update={"grid": [config.grid[0].model_copy(update={"seeds": [43]})]})
    made = {variant.calibration for variant in plan.variants(some)}
    assert made == {"none", "t.one-s43", "t.bare-s43", "wiki-s43"}


def test_tasks_that_a_variant_is_judged_on(config):
    assert plan.tasks_of(config, Variant("n", "hgla", "t.one-s43", "0.50")) == ["t"]
    assert plan.tasks_of(config, Variant("n", "hgla", "wiki", "0.50")) == ["t", "u"]
    assert plan.tasks_of(config, plan.dense("n")) == ["t", "u"]


def test_task_options_survive_a_shell(jobs):
    words = shlex.split(jobs.task_options(W(task="t", split="test")))
    files = [words[i + 1] for i, word in enumerate(words) if word == "--input"]
    assert files == ["it's.csv", "data/downloads/t/b.jsonl"]
    groups = [words[i + 1] for i, word in enumerate(words) if word == "--group"]
    assert groups == ["a", "b c"]


def test_calibration_options(jobs):
    words = shlex.split(jobs.calibration_options(W(model="m", calibration="t.one-s43")))
    assert words[words.index("--seed") + 1] == "43"
    assert words[words.index("--mix") + 1] == "b c"
    assert words[words.index("--prompt") + 1] == "mine"
    assert words[words.index("--config") + 1] == "results/x/config.yaml"
    words = shlex.split(jobs.calibration_options(W(model="m", calibration="t.bare")))
    assert words[words.index("--prompt") + 1] == "none"
    words = shlex.split(jobs.calibration_options(W(model="m", calibration="wiki")))
    assert "--mix" not in words
    assert words[words.index("--prompt") + 1] == "none"
    assert jobs.calibration_texts(W(model="m", calibration="wiki-s43")) == "wiki.txt"


OWN = {
    **RAW,
    "tasks": {"t": RAW["tasks"]["t"] | {"calibration": {"own": {"mix": "self", "prefix": 3}}}},
    "texts": {
        "wiki": {
            "file": "wiki.txt",
            "limit": 9,
            "calibration": {"own": {"mix": "self", "temperature": 0.8, "top_p": 0.9}},
        }
    },
    "summaries": {"batch_size": 4},
    "device": "cpu",
}


def test_sets_that_the_model_writes_itself():
    config = configured(OWN, "my.yaml")
    every = calibrations.calibration_names(config)
    assert every == ["t.own", "t.own-s43", "wiki", "wiki-s43", "wiki.own", "wiki.own-s43"]
    own = [name for name in every if calibrations.is_own(config, name)]
    assert own == ["t.own", "t.own-s43", "wiki.own", "wiki.own-s43"]
    jobs, common = Jobs(config), ["--samples", "128", "--length", "512", "--windows", "joined"]
    loading = ["--batch-size", "4", "--device", "cpu", "--dtype", "auto"]
    words = jobs.calibration_options(W(model="m", calibration="t.own-s43")).split()
    asked = ["--mix", "self", "--prompt", "none", "--prefix", "3"]
    assert words == [*common, "--seed", "43", *asked, *loading]
    words = jobs.calibration_options(W(model="m", calibration="wiki.own")).split()
    asked = ["--mix", "self", "--prompt", "none", "--temperature", "0.8", "--top-p", "0.9"]
    assert words == [*common, "--seed", "42", "--limit", "9", *asked, *loading]
    assert jobs.calibration_texts(W(model="m", calibration="wiki.own-s43")) == "wiki.txt"
    assert jobs.calibration_prompt(W(model="m", calibration="t.own")) is None
    assert plan.tasks_of(config, Variant("n", "hgla", "wiki.own", "0.50")) == ["t"]


def test_windows_longer_than_the_model_writes():
    longer = {"calibration": {"texts": ["wiki"], "windows": "longer"}}
    with pytest.raises(FairpruneError, match=r"windows: longer .*t\.own.*take joined"):
        configured(OWN | longer, "my.yaml")


def test_a_configuration_with_own_sets_reads_back(tmp_path):
    config = config_file.parse(OWN)
    config_file.write(config, tmp_path / "c.yaml")
    assert config_file.read(tmp_path / "c.yaml") == config


def test_perplexity_on_what_the_model_only_began_from_is_no_caution():
    raw = OWN | {"language": {"corpora": ["wiki"]}, "methods": {"wanda": {}}}
    assert not cautions(config_file.parse(raw | {"calibration": {"texts": []}}))
    assert "says little" in cautions(config_file.parse(raw))[0]


@pytest.mark.parametrize("calibration", ["t.two", "wikis", "v.one"])
def test_unknown_calibration_set(jobs, calibration):
    with pytest.raises(FairpruneError, match="unknown"):
        jobs.calibration_texts(W(model="m", calibration=calibration))
        jobs.calibration_options(W(model="m", calibration=calibration))


def test_method_options_and_statistics(jobs):
    w = W(model="m", method="mine", calibration="t.one", sparsity="0.50")
    words = shlex.split(jobs.method_options(w))
    for pair in (
        ("--method", "gblm"), ("--sparsity", "0.50"), ("--group", "layer"),
        ("--option", "score.gradient_norm=l1"),
        ("--gradients", "results/x/gradients/m/t.one/full.safetensors"),
    ):  # fmt: skip
        assert words[words.index(pair[0]) + 1] == pair[1]
    assert "--activations" not in words  # gblm's are sequential
    pattern = W(model="m", method="mine", calibration="t.one", sparsity="2of4")
    words = shlex.split(jobs.method_options(pattern))
    assert words[words.index("--pattern") + 1] == "2:4"
    assert "--sparsity" not in words and "--group" not in words


def test_only_the_norms_that_methods_read(config, jobs):
    assert plan.gradient_norms(config, "full") == ["l1"]
    assert plan.gradient_norms(config, "last_token") == ["l2"]
    assert jobs.norms(W(loss="full")) == "--norm l1"


def test_dense_model_has_no_masks(jobs):
    w = W(model="m", method="dense", calibration="none", sparsity="0.00")
    assert jobs.pruned_card(w) == []
    assert jobs.pruned_option(w) == ""
    w = W(model="m", method="hgla", task="t", set="one", sparsity="0.50")
    assert jobs.pruned_card(w) == ["results/x/pruned/m/hgla/t.one/0.50/card.json"]


def test_download_of_a_task_file(config):
    assert fetched.source_of(config, "t", "b.jsonl") == "https://host/folder/b.jsonl"
    with pytest.raises(FairpruneError, match=r"c\.jsonl"):
        fetched.source_of(config, "t", "c.jsonl")


def test_sizes(config):
    assert parameters(config, "n") == 3e9  # from the id
    assert memory_mb(config, "n", 4) == 3000 + 12000
    assert runtime_minutes(config, "n", 20) == 10 + 60
    disk = disk_bytes(config)
    assert disk["models"] == 2 * 3e9
    assert disk["masks"] == 26 * 3e9 / 8
    # l1 of `full` and l2 of `last_token`, on six sets, four bytes each
    assert disk["gradients"] == 2 * 6 * 4 * 3e9


def test_a_task_without_pruned_variants_is_not_compared():
    grid = [{"sparsities": [0.5], "methods": ["hgla"], "calibrations": ["t.one"]}]
    found = plan.targets(config_file.parse({**RAW, "grid": grid}))
    assert "results/x/fairness/n/dense/none/0.00/u.json" in found["fairness"]
    assert {Path(file).name for file in found["comparisons"]} == {"t.parquet"}


def test_limits_of_texts():
    texts = {"wiki": "wiki.txt", "c4": {"file": "https://host/c4.json.gz", "limit": 9}}
    raw = {**RAW, "texts": texts, "language": {"corpora": ["wiki", "c4"], "window": 64}}
    config = config_file.parse(raw | {"calibration": {"texts": ["wiki", "c4"]}})
    jobs = Jobs(config)
    words = shlex.split(jobs.language_options(W(model="m")))
    assert words == [
        "--corpus", "wiki=wiki.txt", "--corpus", "c4=data/downloads/c4/c4.json.gz",
        "--limit", "c4=9", "--window", "64", "--beginning", "every",
    ]  # fmt: skip
    assert "--limit 9" in jobs.calibration_options(W(model="m", calibration="c4"))
    assert "--limit" not in jobs.calibration_options(W(model="m", calibration="wiki"))
    assert fetched.source_of(config, "c4", "c4.json.gz") == "https://host/c4.json.gz"


def test_bias_tasks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("tasks").mkdir()
    Path("rows.jsonl").write_text("{}")
    Path("code.py").write_text("")
    Path("tasks/mine.yaml").write_text("task: mine\ndataset_kwargs: {data_files: [rows.jsonl]}\n")
    language = {
        "zero_shot": ["bbq_local", "mine"],
        "data": {"bbq_local": ["Age.jsonl", "https://host/data/SES.jsonl"]},
        **{"include_path": "tasks", "functions": ["code.py"], "window": 64},
    }
    bias = {"metrics": {"mine": {"acc": {"better": "higher"}, "s": {"ideal": 0, "range": [-1, 1]}}}}
    config = config_file.parse(RAW | {"language": language, "bias": bias})
    jobs, w = Jobs(config), W(model="n", method="hgla", calibration="wiki", sparsity="0.50")
    assert shlex.split(jobs.language_options(w)) == [
        "--zero-shot", "bbq_local", "--zero-shot", "mine", "--include-path", "tasks",
        "--functions", "code.py", "--data", "bbq_local=Age.jsonl",
        "--data", "bbq_local=data/downloads/bbq_local/SES.jsonl", "--window", "64",
        "--beginning", "every",
    ]  # fmt: skip
    assert jobs.measured_on(w) == [
        *("Age.jsonl", "data/downloads/bbq_local/SES.jsonl"),
        *("tasks/mine.yaml", "rows.jsonl", "code.py"),
    ]
    assert fetched.source_of(config, "bbq_local", "SES.jsonl") == "https://host/data/SES.jsonl"
    assert shlex.split(jobs.bias_options(w)) == [
        "--margin", "0.1", "--metric", "mine/acc=higher:0.0:1.0",
        "--metric", "mine/s=0.0:-1.0:1.0", "--seed", "42",
    ]  # fmt: skip
    found, files = plan.targets(config), every_file(config)
    assert found["bias"] == ["results/x/bias/n.parquet"] and found["bias"][0] in found["judged"]
    assert "results/x/figures/bias.pdf" in found["figures"]
    measured = jobs.measured(w)
    assert len(measured) == len(found["language"]) - 1  # without the dense model
    assert {str(Path(file).with_suffix(".parquet")) for file in measured} <= {*files}
    assert "data/downloads/bbq_local/SES.jsonl" in files
    without = config_file.parse(RAW | {"language": {"zero_shot": ["arc_easy"]}})
    assert not plan.targets(without)["bias"] and "bias" not in plan.figures(without)


def test_encoder_of_bertscore(jobs):
    assert jobs.quality_options(W(task="t")) == "--seed 42"
    encoder = {"id": "a/bert", "revision": "0" * 40, "layer": 9}
    words = shlex.split(
        Jobs(config_file.parse(RAW | {"quality": {"bertscore": encoder}})).quality_options(
            W(task="t")
        )
    )
    pairs = dict(zip(words[::2], words[1::2], strict=True))
    assert pairs == {
        "--seed": "42", "--bertscore": "a/bert", "--bertscore-revision": "0" * 40,
        "--bertscore-layer": "9", "--device": "auto",
    }  # fmt: skip


def test_annotated_variants(jobs):
    w = W(model="n", task="t")
    every = jobs.annotated(w)
    assert len(every) == 2 + 2 * 4 * 2 + 2 * 2 * 2  # by every set of t, by general text, by none
    asked = {"variants": ["magnitude/none/0.50"]}
    few = Jobs(config_file.parse(RAW | {"annotation": asked})).annotated(w)
    assert few == ["results/x/summaries/n/magnitude/none/0.50/t/test.jsonl"]
    assert jobs.sheets(w) == ["data/annotation/n/t/ANNOTATOR.csv"]


def test_what_is_known_to_go_wrong_is_said_once_a_method():
    squares = {"score": "hgla", "options": {"score.gradient_norm": "sum_of_squares"}}
    raw = RAW | {"methods": {"mine": squares, "wanda": {}}, "tasks": {"t": RAW["tasks"]["t"]}}
    (line,) = cautions(config_file.parse(raw))
    assert line.startswith(
        "warning: methods.mine: score.form=ratio over score.gradient_norm=sum_of_squares"
    )
    assert not cautions(config_file.parse(RAW))


def test_a_method_is_resolved_once_however_many_variants_it_has(config, jobs, monkeypatch):
    resolve, asked = plan.resolve, Counter()

    def counting(*given, **how):
        asked.update([given[0]])
        return resolve(*given, **how)

    monkeypatch.setattr(plan, "resolve", counting)
    variants = [v for v in plan.variants(config) if not v.dense]
    asked.clear()
    for variant in variants:
        jobs.method_options(W(vars(variant)))
    assert asked == {"magnitude": 2, "gblm": 2, "hgla": 2}  # two sparsities
    few, many = (_resolved_for_the_estimate(config, asked, seeds) for seeds in ([42], [42, 43, 44]))
    assert few == many


def _resolved_for_the_estimate(config, asked, seeds):
    """How often methods are resolved to say what a run will take, with some calibration seeds."""
    drawn = config.calibration.model_copy(update={"seeds": seeds})
    asked.clear()
    parts_to_do(config.model_copy(update={"calibration": drawn}))
    return asked.total()


def test_a_plan_imports_nothing_that_only_its_jobs_need():
    root = Path(__file__).resolve().parents[2]
    text = "".join(file.read_text() for file in (root / "Snakefile", *root.glob("rules/*.smk")))
    lines = re.findall(r"^(?:from|import) fairprune.*$", text, re.M)
    heavy = {"torch", "transformers", "pandas", "pyarrow", "scipy", "sklearn", "matplotlib"}
    script = "; ".join(["import sys", *lines, f"print(*{heavy!r} & sys.modules.keys())"])
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=root / "scripts", capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("\n", "")
