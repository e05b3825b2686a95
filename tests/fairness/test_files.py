"""The entries and their files: formats as the design says, the same bytes twice, clear errors."""

import json
import subprocess
from pathlib import Path

import prepared
import pyarrow.parquet as pq
import pytest
from shared import SHARED, needs_shared

from fairprune.errors import FairpruneError
from fairprune.fairness.compare_step import compare_variants
from fairprune.fairness.comparing.verdicts import WORDS
from fairprune.fairness.files import read_evaluation
from fairprune.fairness.step import evaluate_fairness, names_of

SCRIPTS = Path(__file__).parents[2] / "scripts"
METRICS = {"bur", "uer", "auc", "sof", "spd", "spd2", "tv", "gap"}
WITH_CHANCE = {"bur", "uer", "auc", "tv", "gap"}
DEFAULTS = {
    "train": [],
    "attributions": [],
    "pair": None,
    "tau": 0.8,
    "ignore": [],
    "options": [],
    "variant": None,
    "device": "cpu",
    "seed": 42,
}


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path):
    inputs = [
        {
            "id": f"i{n}",
            "opinions": [f"good sound {n}", f"bad price {n}", f"{'good' if n % 2 else 'bad'} x{n}"],
            "labels": ["pos", "neg", "pos" if n % 2 else "neg"],
        }
        for n in range(12)
    ]
    train = [
        {**r, "id": f"t{r['id']}", "opinions": [f"{o} again" for o in r["opinions"]]}
        for r in inputs
    ]
    write(tmp_path / "task.jsonl", inputs)
    write(tmp_path / "train.jsonl", train)
    for name, text in (("dense", "good sound and a bad price"), ("v", "good good sound so good")):
        rows = [{"id": r["id"], "summary": f"{text} {r['id']}"} for r in inputs]
        write(tmp_path / f"{name}.jsonl", rows)
    return tmp_path


def run(name, *arguments):
    return subprocess.run(
        [prepared.python(), SCRIPTS / name, *map(str, arguments)], capture_output=True, text=True
    )


def test_entries_write_what_the_design_says(folder):
    common = ("--task", folder / "task.jsonl", "--train", folder / "train.jsonl")
    for name in ("dense", "v"):
        done = run(
            "evaluate_fairness.py",
            *("--summaries", folder / f"{name}.jsonl", *common),
            *("--pair", "pos,neg", "--output", folder / f"{name}.json"),
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == str(folder / f"{name}.json")
    content = json.loads((folder / "v.json").read_text())
    assert (content["variant"], content["task"]) == ("v", "task")
    assert content["groups"] == ["neg", "pos"]
    keys = {"attribution", "metric", "stratum", "value", "low", "high", "n", "n_invalid"}
    assert all(set(figure) == keys for figure in content["metrics"])
    found = {(f["attribution"], f["metric"], f["stratum"]) for f in content["metrics"]}
    strata = {"all", "balanced", "pos-heavy", "neg-heavy"}
    names = {*METRICS, *(f"{m}_excess" for m in WITH_CHANCE)}
    assert found == {(a, m, s) for a in ("tokens", "classifier") for m in names for s in strata}
    assert 0 <= content["attributions"]["classifier"]["accuracy"] <= 1
    for attribution, kinds in (("tokens", {"quoted", "left_out"}), ("classifier", set())):
        seen = content["attributions"][attribution]["sensitivity"]
        assert set(seen["groups"]) == {"neg", "pos"}
        assert seen["J"] == min(of["J"] for of in seen["groups"].values())
        for of in seen["groups"].values():
            assert {"recall", "false", "J", "sentences", *kinds} == set(of)
            assert of["sentences"] == 18
    assert {(s["attribution"], s["group"]) for s in content["shares"]} == {
        (a, g) for a in ("tokens", "classifier") for g in ("neg", "pos")
    }
    for share in content["shares"]:
        assert share["input"] == pytest.approx(0.5)
        assert share["low"] <= share["summary"] <= share["high"]

    table = pq.read_table(folder / "v.parquet")
    assert table.column_names == [
        *("id", "mix", "attribution", "group", "p", "q", "valid"),
        *(f"chance_{metric}" for metric in sorted(WITH_CHANCE)),
    ]
    assert table.num_rows == 12 * 2 * 2
    assert str(table.schema.field("p").type) == "double"
    card = json.loads((folder / "v.json.card.json").read_text())
    assert set(card["files"]) == {"v.json", "v.parquet"}

    done = run(
        "compare_variants.py",
        *("--fairness", folder / "v.json", "--dense", folder / "dense.parquet"),
        *("--output", folder / "c.parquet"),
    )
    assert done.returncode == 0, done.stderr
    rows = pq.read_table(folder / "c.parquet").to_pylist()
    columns = (
        "variant against attribution metric stratum difference low high p_value p_holm q_value "
        "primary margin sensitivity verdict reason marks n units group value against_value"
    )
    assert list(rows[0]) == columns.split()
    assert {r["verdict"] for r in rows} <= {None, *WORDS}
    assert len(rows) == 2 * (8 + 5 + 1) * 4
    primary = {r["metric"]: r for r in rows if r["primary"]}
    assert set(primary) == {"uer_excess", "shift"}
    assert {r["verdict"] for r in primary.values()} == {"worse"}
    assert {(r["variant"], r["against"], r["units"]) for r in rows if r["primary"]} == {
        ("v", "dense", 12)
    }
    assert (folder / "c.parquet.card.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--attribution", "tokns"), "did you mean 'tokens'"),
        (("--attribution", "classifier"), "--train"),
        (("--pair", "pos,neutral"), "unknown group 'neutral'"),
        (("--option", "sof.frm=variance"), "did you mean 'sof.form'"),
        (("--tau", "2"), "'--tau'"),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(folder, arguments, message):
    output = folder / "out" / "x.json"
    done = run(
        "evaluate_fairness.py",
        *("--summaries", folder / "v.jsonl", "--task", folder / "task.jsonl"),
        *("--output", output, *arguments),
    )
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("error:"))
    assert message in line
    assert not output.parent.exists()
    assert done.stdout == ""


def evaluate(folder, name, output, **options):
    return evaluate_fairness(
        folder / f"{name}.jsonl",
        folder / "task.jsonl",
        output,
        **DEFAULTS | {"train": [folder / "train.jsonl"]} | options,
    )


def test_the_same_input_gives_the_same_bytes(folder):
    made = []
    for place in ("one", "two"):
        here = folder / place
        for name in ("v", "dense"):
            evaluate(folder, name, here / f"{name}.json")
        compare_variants(
            [here / "v.json"], here / "dense.json", here / "c.parquet", margin=0.05, seed=42
        )
        files = sorted(path for path in here.iterdir() if not path.name.endswith(".card.json"))
        made.append([(path.name, path.read_bytes()) for path in files])
    assert made[0] == made[1]
    assert len(made[0]) == 5


def test_what_is_written_is_read_again(folder):
    path = evaluate(folder, "v", folder / "v.json", attributions=["tokens", "nearest"])
    again = read_evaluation(path.with_suffix(".parquet"))
    assert again.evaluation.attributions.keys() == {"tokens", "nearest"}
    assert len(again.evaluation.coverage["nearest"]) == 12
    shares = [row for row in again.evaluation.shares if row.attribution == "tokens"]
    apart = sum(abs(row.p - row.q) for row in shares) / 2
    assert again.evaluation.value("tv") == pytest.approx(apart / 12)
    path.write_text("{}")
    with pytest.raises(FairpruneError, match=r"v\.json"):
        read_evaluation(path)


def test_files_that_do_not_belong_together(folder):
    evaluate(folder, "v", folder / "v.json")
    evaluate(folder, "dense", folder / "dense.json")
    with pytest.raises(FairpruneError, match="'v' is given twice"):
        compare_variants(
            [folder / "v.json"] * 2, folder / "dense.json", folder / "c", margin=0.05, seed=1
        )
    write(folder / "empty.json", [{}])
    write(folder / "empty.parquet", [{}])
    for path in ("empty.json", "nowhere.json"):
        with pytest.raises(FairpruneError, match=path.removesuffix(".json")):
            compare_variants(
                [folder / path], folder / "dense.json", folder / "c", margin=0.05, seed=1
            )
    with pytest.raises(FairpruneError, match=r"ending in \.json"):
        evaluate(folder, "v", folder / "v.csv")


def test_files_with_the_columns_alone_are_compared(folder):
    """What another tool writes by the format: the rest takes its defaults."""
    for name in ("v", "dense"):
        path = evaluate(folder, name, folder / f"{name}.json")
        content = json.loads(path.read_text())
        plain = {key: content[key] for key in ("variant", "task", "groups", "metrics")}
        (folder / "plain").mkdir(exist_ok=True)
        (folder / "plain" / path.name).write_text(json.dumps(plain))
        table = path.with_suffix(".parquet")
        (folder / "plain" / table.name).write_bytes(table.read_bytes())
    made = []
    for place in (folder, folder / "plain"):
        output = folder / "c.parquet"
        compare_variants([place / "v.json"], place / "dense.json", output, margin=0.05, seed=42)
        made.append(pq.read_table(output).to_pylist())
    tested = ("difference", "low", "high", "p_value", "n", "units", "value", "against_value")
    for whole, plain in zip(*made, strict=True):
        assert {name: whole[name] for name in tested} == {name: plain[name] for name in tested}
        assert plain["sensitivity"] is None
        if plain["verdict"]:
            assert plain["verdict"] == "not judged"
            assert "is not known" in plain["reason"]


def test_names_come_from_the_paths():
    summaries = Path("results/summaries/m/wanda/none/0.50/tweets/test.jsonl")
    assert names_of(summaries, Path("x.jsonl")) == ("m/wanda/none/0.50", "tweets")
    task = Path("results/tasks/tweets/test.parquet")
    assert names_of(Path("a/mine.jsonl"), task) == ("mine", "tweets")
    assert names_of(Path("mine.jsonl"), Path("inputs.jsonl")) == ("mine", "inputs")


@needs_shared
def test_real_tweets(tmp_path):
    """The first two tweets of each input against five from everywhere: both are chance."""
    source = SHARED / "data" / "fairsumm_tweets" / "us_election_groups.jsonl"
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    test = [row for row in rows if row["split"] == "test"]
    write(tmp_path / "task.jsonl", test)
    write(tmp_path / "train.jsonl", [row for row in rows if row["split"] != "test"])
    for name, chosen in (("dense", slice(None, None, 4)), ("v", slice(0, 2))):
        said = [
            {"id": row["id"], "summary": " ".join(row["input"].split(" || ")[chosen])}
            for row in test
        ]
        write(tmp_path / f"{name}.jsonl", said)
        evaluate(tmp_path, name, tmp_path / f"{name}.json")
    dense = read_evaluation(tmp_path / "dense.json").evaluation
    assert dense.attributions["classifier"]["accuracy"] > 0.75
    assert dense.counts["inputs"] == 180
    for figure in dense.figures:
        if figure.metric == "spd2" and figure.stratum != "all":
            assert figure.value is None
        else:
            assert figure.low <= figure.value <= figure.high
    compare_variants(
        [tmp_path / "v.json"], tmp_path / "dense.json", tmp_path / "c.parquet", margin=0.05, seed=42
    )
    found = {
        row["metric"]: row["verdict"]
        for row in pq.read_table(tmp_path / "c.parquet").to_pylist()
        if (row["attribution"], row["stratum"]) == ("tokens", "all")
    }
    assert {found[name] for name in ("bur", "uer", "auc", "tv")} == {None}
    assert found["uer_excess"] == found["tv_excess"] == found["shift"] != "worse"
    for name in ("dense", "v"):  # two tweets are less fair than five, as chance has it
        excess = read_evaluation(tmp_path / f"{name}.json").evaluation.value("uer_excess")
        assert abs(excess) < 0.01
