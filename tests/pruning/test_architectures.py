"""Every architecture through every score, SparseGPT and NeuroAL: sparsity exact, logits finite."""

import pytest
import torch
from tiny import all_masks, save_ids, save_tiny
from tiny_models import ARCHITECTURES, tiny_ids

from compute_gradients import compute_gradients
from fairprune.io.cards import read_card
from fairprune.pruning.variant import load_variant, open_pruned
from measure_activations import measure_activations
from prune_model import prune_model

FIRST = ("llama3", "gemma4", "opt", "pythia")  # each of another build
METHODS = {
    "random": {},
    "magnitude": {"group": "row"},
    "wanda": {},
    "multiflow": {},
    "gradient": {},
    "gblm": {},
    "hgla": {},
    "sparsegpt": {},
    "sparsegpt-pattern": {"pattern": "2:4", "sparsity": None},
    "wanda-pattern": {"pattern": "2:4", "sparsity": None},
    "wanda-neuroal": {"allocation": "neuroal", "option": ["allocation.lambda=0.1"]},
    "wanda-dsnot": {"refinement": "dsnot"},
    "ria": {},
    "ria-dlp": {"allocation": "dlp"},
    "admm": {},
    "admm-pattern": {"pattern": "2:4", "sparsity": None},
    "sparsegpt-sparseswaps": {"refinement": "sparseswaps"},
    "wanda-pattern-sparseswaps": {
        "refinement": "sparseswaps",
        "pattern": "2:4",
        "sparsity": None,
    },
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Architecture → its folder with model, calibration and statistics, made once."""
    made = {}

    def prepare(name):
        if name not in made:
            folder = made[name] = tmp_path_factory.mktemp(name)
            model, ids = save_tiny(folder / "m", name), save_ids(folder / "ids.safetensors", 4, 16)
            compute_gradients(model, ids, folder / "gradients.safetensors", norms=["l2"])
            measure_activations(model, ids, folder / "activations.safetensors")
        return made[name]

    return prepare


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in FIRST else pytest.mark.long("of every method"))
        for name in ARCHITECTURES
    ],
)
def test_every_method(prepared, name, tmp_path):
    folder = prepared(name)
    files = {
        "calibration": folder / "ids.safetensors",
        "activations": folder / "activations.safetensors",
        "gradients": folder / "gradients.safetensors",
    }
    for method, changes in METHODS.items():
        arguments = {"sparsity": "0.37", **files, **changes}
        made = prune_model(folder / "m", method.split("-")[0], tmp_path / method, **arguments)
        figures = read_card(made)["figures"]["layers"]
        for layer, mask in all_masks(made).items():
            _check_sparsity(method, layer, mask, figures[layer]["target"])
        weights = sum(f["weights"] for f in figures.values())
        targets = sum(f["target"] * f["weights"] for f in figures.values())
        assert targets / weights == pytest.approx(0.5 if "pattern" in method else 0.37)
        model = load_variant(folder / "m", open_pruned(made), "cpu")
        with torch.no_grad():
            assert model(tiny_ids()).logits.isfinite().all(), method


def _check_sparsity(method, layer, mask, target):
    columns = mask.shape[1]
    if "pattern" in method:
        assert mask.view(-1, 4).sum(1).eq(2).all(), (method, layer)
    elif method == "sparsegpt":  # each block of columns up to and with the value at the cut
        for block in mask.split(128, dim=1):
            assert int(block.sum()) == int(0.37 * block.numel()) + 1, (method, layer)
    elif method == "wanda-neuroal":  # each row keeps a whole number of weights
        assert 0 <= float(mask.float().mean()) - target < 1 / columns, (method, layer)
    elif method == "admm":
        assert int(mask.sum()) == int(0.37 * mask.numel()), (method, layer)
    elif method == "ria-dlp":  # each block has a share of its own
        assert mask.sum(1).eq(int(target * columns + 1e-9)).all(), (method, layer)
    else:
        assert mask.sum(1).eq(int(0.37 * columns)).all(), (method, layer)
