"""Importers of the literature's files, each on small files of the same form; hostile pickles."""

import io
import json
import os
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fairprune.data.groups import Grouping
from fairprune.data.importers import IMPORTERS, import_table
from fairprune.data.importers._pickled_table import Refused, read_table
from fairprune.data.prepare import prepare_task
from fairprune.data.tasks import read_task
from fairprune.errors import FairpruneError
from fairprune.registry import Registry

ROWS = [
    {
        "input": "a one || b two",
        "label": ["x", "y"],
        "proportion": 0.5,
        "input_proportion": {"x": 0.5, "y": 0.5},
        "n": 1,
    },
    {
        "input": "c three || d four",
        "label": ["y", "y"],
        "proportion": 0.0,
        "input_proportion": {"x": 0.0, "y": 1.0},
        "n": 2,
    },
]


def test_every_format_of_the_command_line_is_there():
    assert isinstance(IMPORTERS, Registry)
    expected = {"table", "jsonl", "parquet", "csv", "hgla", "perspectivesumm", "fairsumm", "fewsum"}
    expected |= {"amasum", "amazon-2018", "amazon-2023", "mitweet", "oposum", "semeval2016-stance"}
    expected |= {"sentiment140", "space", "yelp", "yelp-polarity"}
    assert set(IMPORTERS.names()) == expected
    for name in expected:
        assert callable(IMPORTERS.get(name).read)


def test_perspectivesumm(tmp_path):
    sample = {
        "units": [
            {"text": "Fine steak.", "value": {"sentiment": "pos"}},
            {"text": "Cold steak.", "value": {"sentiment": "neg"}},
        ],
        "model_input": "Fine steak. || Cold steak.",
        "gold_summary": ["Mixed steaks.", "Steaks differ."],
        "meta": {"group_id": "business", "seperator": " || "},
    }
    stars = {
        "units": [{"text": "T", "value": {"rating": 5}}, {"text": "U", "value": {"rating": 1}}]
    }
    path = tmp_path / "p.json"
    path.write_text(json.dumps([sample, stars]))
    assert import_table(path, "perspectivesumm").rows == [
        {
            "opinions": ["Fine steak.", "Cold steak."],
            "labels": ["pos", "neg"],
            "references": ["Mixed steaks.", "Steaks differ."],
        },
        {"opinions": ["T", "U"], "labels": [5, 1], "references": None},
    ]
    samples = [sample | {"units": [{"text": f"t{n}", "value": {"s": "a"}}]} for n in range(5)]
    path.write_text(json.dumps(samples))
    prepare_task([path], tmp_path / "o.parquet", split="test", format_name="perspectivesumm")
    assert [item.mix for item in read_task(tmp_path / "o.parquet")] == ["a-only"] * 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "a JSON list of samples"),
        ([{"units": [{"text": "a"}]}], r"row 1: \{\"units\""),
        ([{"units": [{"text": "a", "value": {"s": 1, "t": 2}}]}], "several values"),
    ],
)
def test_perspectivesumm_of_another_form(tmp_path, content, message):
    (tmp_path / "p.json").write_text(json.dumps(content))
    with pytest.raises(FairpruneError, match=message):
        import_table(tmp_path / "p.json", "perspectivesumm")


def test_fairsumm_is_grouped_into_inputs(tmp_path):
    lines = [f"{n}<||>{'Red' if n % 2 else 'Blue'}<||>tweet {n} &amp; <||> more" for n in range(80)]
    path = tmp_path / "input.txt"
    path.write_text("\n".join(lines) + "\n\n")
    rows = import_table(path, "fairsumm").rows
    assert rows[1] == {"label": "Red", "text": "tweet 1 & <||> more"}
    assert len(rows) == 80
    options = {"split": "calibration", "format_name": "fairsumm", "grouping": Grouping(6, 2)}
    prepare_task([path], tmp_path / "o.parquet", **options)
    items = read_task(tmp_path / "o.parquet")
    assert [item.mix for item in items] == ["balanced"] * 2 + ["Blue-heavy"] * 2 + ["Red-heavy"] * 2
    path.write_text("1<||>Red<||>a\nRed, b\n")
    with pytest.raises(FairpruneError, match="line 2: ID<"):
        import_table(path, "fairsumm")


def test_fewsum(tmp_path):
    header = [
        "cat",
        "group_id",
        "rev1",
        "rev2",
        "rev10",
        "summ1",
        "summ2",
        "rating1",
        "rating2",
        "rating10",
    ]
    cells = ["cloth", "B001", "Great.", "Meh.", "Bad.", "One.", "Two.", "5.0", "3.0", "2.0"]
    path = tmp_path / "test.csv"
    path.write_text("\t".join(header) + "\n" + "\t".join(cells) + "\n")
    assert import_table(path, "fewsum").rows == [
        {
            "id": "B001",
            "opinions": ["Great.", "Meh.", "Bad."],
            "labels": ["5.0", "3.0", "2.0"],
            "references": ["One.", "Two."],
        }
    ]
    path.write_text("\t".join(header[:7]) + "\n" + "\t".join(cells[:7]) + "\n")
    with pytest.raises(FairpruneError, match="3 reviews but 0 columns rating1"):
        import_table(path, "fewsum")
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FairpruneError, match="no columns rev1"):
        import_table(path, "fewsum")


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "pickles").glob("*.pkl")), ids=str)
def test_tables_that_older_pandas_pickled(path):
    assert import_table(path, "hgla").rows == ROWS


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_tables_of_every_protocol(tmp_path, protocol):
    pd.to_pickle(pd.DataFrame(ROWS), tmp_path / "t.pkl", protocol=protocol)
    assert import_table(tmp_path / "t.pkl", "hgla").rows == ROWS


def test_what_cells_may_hold(tmp_path):
    table = pd.DataFrame(
        {
            "input": [["a", "b"], ["c"]],
            "label": [np.array(["x", "y"], dtype=object), np.array(["x"])],
            "kind": pd.Categorical(["u", "v"]),
            "text": pd.array(["s", None], dtype="string"),
            "whole": pd.array([1, None], dtype="Int64"),
            "real": [0.5, float("nan")],
            "scalar": [np.float64(0.5), np.int32(2)],
            "flag": [True, False],
        }
    )
    table.to_pickle(tmp_path / "t.pkl")
    first, second = import_table(tmp_path / "t.pkl", "hgla").rows
    assert first["input"] == ["a", "b"]
    assert first["label"] == ["x", "y"]
    assert first["kind"] == "u"
    assert [second[name] for name in ("text", "whole", "real", "scalar")] == [None, None, None, 2]
    options = {"split": "test", "format_name": "hgla", "columns": ["opinions=input"]}
    prepare_task([tmp_path / "t.pkl"], tmp_path / "o.parquet", **options)
    assert read_task(tmp_path / "o.parquet")[0].opinions in (["a", "b"], ["c"])


class Asks:
    """Pickles as a call of `function` with `arguments`."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


MARK = "ran"


def hostile():
    """Name → (pickle, what the refusal names); each would leave the file MARK behind."""
    touch = f"touch {MARK}"
    in_python = f"open({MARK!r}, 'w')"
    dotted = b"\x80\x04\x8c\x06pandas\x8c\x0eDataFrame.eval\x93."
    return {
        "system": (pickle.dumps(Asks(os.system, touch)), "posix.system"),
        "system, protocol 0": (pickle.dumps(Asks(os.system, touch), 0), "posix.system"),
        "eval": (pickle.dumps(Asks(eval, in_python)), "builtins.eval"),
        "exec": (pickle.dumps(Asks(exec, in_python)), "builtins.exec"),
        "open": (pickle.dumps(Asks(open, MARK, "w")), "io.open"),
        "getattr": (pickle.dumps(Asks(getattr, "a", "upper")), "builtins.getattr"),
        "import": (pickle.dumps(Asks(__import__, "os")), "builtins.__import__"),
        "popen": (pickle.dumps(Asks(subprocess.Popen, ["touch", MARK])), "subprocess.Popen"),
        "pandas.read_pickle": (pickle.dumps(Asks(pd.read_pickle, "x")), "read_pickle"),
        "pandas.eval": (pickle.dumps(Asks(pd.eval, "1")), "eval"),
        "numpy.load": (b"cnumpy\nload\n(Vx\ntR.", "numpy.load"),
        "an attribute of what is let in": (dotted, "pandas.DataFrame.eval"),
        "inside a cell": (
            pickle.dumps(pd.DataFrame({"input": [Asks(os.system, touch)], "label": ["x"]})),
            "posix.system",
        ),
        "another encoding": (b"c_codecs\nencode\n(Va\nVzip\ntR.", "encoding 'zip'"),
        "persistent": (b"Pfile\n.", "outside the file"),
        "extension": (b"\x80\x02\x82\x01.", "extension 1"),
    }


def whole_way():
    """The same for what is found only outside the reading itself, or must not be read here."""
    return {
        "system": (pickle.dumps(Asks(os.system, f"touch {MARK}")), r"posix\.system"),
        "no table": (pickle.dumps({"a": 1}), "holds a dict, not a table"),
        "a cell of another kind": (pickle.dumps([{"a": b"x"}]), "a cell holds a bytes"),
        "too much memory": (pickle.dumps(Asks(bytearray, 1 << 45)), "MemoryError"),
        "cut off": (pickle.dumps(pd.DataFrame(ROWS))[:-40], "cannot be read|no pickle"),
        "no pickle": (b"hello\n", "no pickle|cannot be read"),
        "empty": (b"", "no pickle"),
    }


@pytest.mark.parametrize("name", hostile())
def test_what_no_table_needs_is_never_found(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    content, named = hostile()[name]
    with pytest.raises(Refused, match=named):
        read_table(io.BytesIO(content))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", whole_way())
def test_everything_but_tables_is_refused_by_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    content, named = whole_way()[name]
    (tmp_path / "t.pkl").write_bytes(content)
    with pytest.raises(FairpruneError, match=f"is refused: .*({named})") as caught:
        import_table(tmp_path / "t.pkl", "hgla")
    assert "\n" not in str(caught.value)
    assert "convert it yourself" in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["t.pkl"]


def test_a_pickle_is_not_read_unless_that_is_asked_for(tmp_path):
    pd.DataFrame(ROWS).to_pickle(tmp_path / "t.pkl")
    with pytest.raises(FairpruneError, match=r"can run code.*convert it.*--format hgla"):
        import_table(tmp_path / "t.pkl")
