"""A small results folder, made once."""

import pytest
from report.micro_results import make_results


@pytest.fixture(scope="session")
def results_folder(tmp_path_factory):
    """Two tasks, three methods, two sparsities, two calibration sets of two seeds, 9 inputs."""
    return make_results(
        tmp_path_factory.mktemp("run") / "results",
        methods=("random", "wanda", "hgla"),
        sparsities=("0.30", "0.50"),
        sets=("balanced", "balanced-s43", "proportional", "proportional-s43"),
        inputs=9,
    )
