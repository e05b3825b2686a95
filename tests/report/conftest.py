"""A small results folder, made once."""

import pytest
from report.micro_results import make_results


@pytest.fixture(scope="session")
def results_folder(tmp_path_factory):
    """Two tasks, three methods, two sparsities, two calibration sets of three seeds, 9 inputs."""
    return make_results(
        tmp_path_factory.mktemp("run") / "results",
        methods=("random", "wanda", "hgla"),
        sparsities=("0.30", "0.50"),
        sets=[f"{name}{seed}" for name in ("balanced", "other") for seed in ("", "-s43", "-s44")],
        inputs=9,
    )
