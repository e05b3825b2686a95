"""What the YAML tasks of a folder may say: code runs where it was named, and nowhere else."""

import json

import pytest

from fairprune.errors import FairpruneError
from fairprune.language.task_files import data_files, metric_names, task_files
from fairprune.language.zero_shot import find_tasks

TASK = """task: mine
dataset_path: json
dataset_kwargs: {data_files: {test: FOLDER/rows.jsonl}}
test_split: test
output_type: multiple_choice
doc_to_text: "{{q}}"
doc_to_choice: [w3, w4]
doc_to_target: "{{label}}"
metric_list: [{metric: acc, aggregation: mean, higher_is_better: true}]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a task of three items, and code beside it that leaves a trace when it runs."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    rows = [{"q": f"w{n}", "label": n % 2} for n in range(3)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = tmp_path / "tasks"
    made.mkdir()
    (made / "mine.yaml").write_text(TASK.replace("FOLDER", str(tmp_path)))
    (made / "code.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
        "def text(doc):\n    return doc['q']\n"
        "def results(doc, results):\n    return {'own': 1.0}\n"
    )
    return made


def change(folder, old, new):
    file = folder / "mine.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('doc_to_text: "{{q}}"', "doc_to_text: !function code.text", "!function code.text runs"),
        ("task: mine", "task: mine\nprocess_docs: !function os.system", "os.system runs code"),
        ("task: mine", "task: mine\nclass: !function code.text", "runs code"),
        ("task: mine", "task: mine\nclass: os.system", "class: that loads code"),
        ("task: mine", "task: mine\nuse_prompt: promptsource:x", "use_prompt: that loads code"),
        ("task: mine", "task: mine\nunsafe_code: true", "unsafe_code: that loads code"),
        ("metric: acc,", "metric: acc, hf_evaluate: true,", "hf_evaluate: that loads code"),
        ("metric: acc,", "metric: me/evil,", "unknown metric 'me/evil'"),
        ("dataset_path: json", "dataset_path: pandas", "'pandas' is neither json, csv"),
        ("dataset_path: json", "dataset_path: ./here", "'./here' is neither"),
        ("task: mine", "task: mine\ninclude: ../other.yaml", "lies outside of the folder"),
        ("task: mine", "task: mine\ninclude: mine.yaml", "includes itself"),
        ("task: mine", "task: [", "no task that can be read"),
        ("task: mine", "task: !!python/name:os.system x", "no task that can be read"),
        ("{{q}}", "{{ cycler.__init__.__globals__.os.mkdir('x') }}", "SecurityError"),
    ],
)
def test_what_would_run_code_is_refused(folder, tmp_path, monkeypatch, old, new, says):
    pytest.importorskip("lm_eval", reason="lm-eval, an optional extra, is not installed")
    monkeypatch.chdir(tmp_path)
    change(folder, old, new)
    with pytest.raises(FairpruneError, match=says):
        find_tasks(["mine"], folder)
    assert not (tmp_path / "ran").exists() and not (tmp_path / "x").exists()


def test_a_file_that_is_named_may_run(folder, tmp_path):
    pytest.importorskip("lm_eval", reason="lm-eval, an optional extra, is not installed")
    change(folder, 'doc_to_text: "{{q}}"', "doc_to_text: !function code.text")
    change(folder, "task: mine", "task: mine\nprocess_results: !function code.results")
    change(folder, "metric: acc", "metric: own")
    other = tmp_path / "other.py"
    other.write_text("")
    with pytest.raises(FairpruneError, match="runs code"):
        find_tasks(["mine"], folder, [other])
    assert not (tmp_path / "ran").exists()
    task = find_tasks(["mine"], folder, [folder / "code.py"]).known["mine"]
    assert (tmp_path / "ran").exists()
    assert task.process_results({}, []) == {"own": 1.0}


def test_files_and_what_they_name(folder, tmp_path):
    (folder / "below").mkdir()
    (folder / "below" / "other.yaml").write_text("task: other\ninclude: ../mine.yaml\n")
    assert [file.name for file in task_files(folder)] == ["other.yaml", "mine.yaml"]
    assert data_files(folder) == [tmp_path / "rows.jsonl"]
    assert metric_names(folder).keys() == {"acc"}
    with pytest.raises(FairpruneError, match="is no folder"):
        task_files(tmp_path / "nowhere")
    with pytest.raises(FairpruneError, match=r"--functions .*none.py does not exist"):
        task_files(folder, [tmp_path / "none.py"])
