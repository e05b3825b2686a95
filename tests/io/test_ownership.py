"""A step writes over its own results, and over nothing else."""

import pytest

from fairprune.errors import FairpruneError
from fairprune.io.atomic import atomic_folder, write_text
from fairprune.io.cards import card_path, write_card
from fairprune.io.ownership import Target, writing

STAGE = "some_step"


def _carded(path, stage=STAGE, *more):
    files = [path, *more]
    for file in files:
        write_text(file, "old")
    write_card(path, stage=stage, files=files, parameters={})
    return Target(path, tuple(files))


def _folder(path, stage=STAGE):
    with atomic_folder(path, stage) as partial:
        (partial / "mask").write_text("old")
        write_card(partial, stage=stage, files=[partial / "mask"], parameters={})
    return Target(path)


def _begin(target, **inputs):
    with writing(STAGE, [target], inputs):
        pass


def test_what_is_its_own_is_replaced(tmp_path):
    _begin(_carded(tmp_path / "a.json", STAGE, tmp_path / "a.parquet"))
    _begin(_folder(tmp_path / "folder"))
    (tmp_path / "empty").mkdir()
    _begin(Target(tmp_path / "empty"))
    (tmp_path / "none").touch()
    _begin(Target(tmp_path / "none", (tmp_path / "none",)))
    card_path(tmp_path / "a.json").write_text("{")  # damaged, but still its card
    _begin(Target(tmp_path / "a.json", (tmp_path / "a.json",)))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: _carded(p / "a", "another_step"), "is a result of another_step"),
        (lambda p: _folder(p / "a", "another_step"), "is a result of another_step"),
        (lambda p: Target(p / "a", (_written(p / "a"),)), "has no card"),
        (lambda p: Target(_written(p / "a/b").parent), "has no card"),
        (lambda p: Target(p / "a", (_written(p / "a/b").parent,)), "is a folder"),
        (lambda p: Target(_written(p / "a")), "is a file"),
        (lambda p: Target(p / "a", (p / "a", _written(p / "b"))), "b exists, has no card"),
        (lambda p: _with_more(_folder(p / "a")), "holds mine"),
        (lambda p: _linked(p / "a", _folder(p / "b")), "is a link"),
    ],
)
def test_what_is_not_its_own_stays(tmp_path, make, says):
    target = make(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FairpruneError, match=says):
        _begin(target)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def _written(path):
    write_text(path, "mine")
    return path


def _with_more(target):
    _written(target.path / "mine")
    return target


def _linked(path, target):
    path.symlink_to(target.path)
    return Target(path)


def test_a_part_of_another_result_stays(tmp_path):
    """`a.parquet` beside `a.json`, which alone the earlier result had."""
    _carded(tmp_path / "a.json")
    _written(tmp_path / "a.parquet")
    with pytest.raises(FairpruneError, match=r"a\.parquet exists, is no part"):
        _begin(Target(tmp_path / "a.json", (tmp_path / "a.json", tmp_path / "a.parquet")))


@pytest.mark.parametrize("name", ["model", "model/config.json", "link", "hard", "."])
def test_an_input_is_never_written(tmp_path, name):
    config = _written(tmp_path / "model/config.json")
    (tmp_path / "link").symlink_to(config)
    (tmp_path / "hard").hardlink_to(config)
    path = tmp_path / name
    for target in (
        Target(path),
        Target(path, (path,)),
        Target(path / "inside", (path / "inside",)),
    ):
        for given in (tmp_path / "model", config):
            if name == "." and target.files:
                continue
            if given == config and target.path.name == "inside":
                continue
            if name in ("link", "hard") and given != config:
                continue
            with pytest.raises(FairpruneError, match=r"give another --output"):
                _begin(target, **{"--model x": given})
    assert config.read_text() == "mine"


def test_a_folder_that_the_input_is_linked_from(tmp_path):
    """The input lies elsewhere, and consists of links into the folder that would be replaced."""
    target = _folder(tmp_path / "pruned")
    (tmp_path / "model").mkdir()
    (tmp_path / "model/mask").symlink_to(tmp_path / "pruned/mask")
    with pytest.raises(FairpruneError, match="holds what is read as --model"):
        _begin(target, **{"--model": tmp_path / "model"})


def test_a_step_that_was_killed_goes_on(tmp_path):
    file = tmp_path / "deep/a.json"
    target = Target(file, (file,))
    with writing(STAGE, [target], {}):
        write_text(file, "half")
        marker = target.marker.read_bytes()
    # as a kill leaves it: a file without a card, and the marker
    with pytest.raises(FairpruneError, match="has no card"):
        target.marker.unlink()
        _begin(target)
    target.marker.write_bytes(marker)
    with writing(STAGE, [target], {}):
        write_card(file, stage=STAGE, files=[file], parameters={})
    assert not target.marker.exists()


def test_a_mistake_leaves_nothing(tmp_path):
    target = Target(tmp_path / "new/deep/a", (tmp_path / "new/deep/a",))
    with pytest.raises(ValueError), writing(STAGE, [target], {}):
        raise ValueError
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_kept_until_the_new_one_stands(tmp_path):
    """Also from Python: `atomic_folder` refuses what the step has not made."""
    _written(tmp_path / "mine/notes")
    with (
        pytest.raises(FairpruneError, match="has no card"),
        atomic_folder(tmp_path / "mine", STAGE),
    ):
        raise AssertionError
    assert (tmp_path / "mine/notes").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
