"""The demo's model, pruned, exported and given back as somebody's compressed model."""

import shutil
from pathlib import Path

import pytest

from export_model import export_model
from inspect_compressed import inspect_compressed
from prune_model import prune_model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="package")
def demo(tmp_path_factory) -> Path:
    """A copy of the demo's model, in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo") / "model"
    return Path(shutil.copytree(ROOT / "data/demo/model", folder))


@pytest.fixture(scope="package")
def half(demo) -> dict[str, Path]:
    """The demo's model half pruned: its masks, the exported folder, and that one as a variant."""
    folder = demo.parent
    prune_model(demo, "magnitude", folder / "masks", sparsity="0.5", pattern="unstructured")
    export_model(demo, folder / "exported", pruned=folder / "masks")
    inspect_compressed(demo, folder / "exported", folder / "given")
    return {name: folder / name for name in ("masks", "exported", "given")}
