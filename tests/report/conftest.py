"""A small results folder, made once."""

import pytest
from report.micro_results import make_results


@pytest.fixture(scope="session")
def results_folder(tmp_path_factory):
    """Two tasks, four methods at three sparsities, two calibration sets a task, 9 inputs."""
    return make_results(
        tmp_path_factory.mktemp("run") / "results",
        methods=("random", "magnitude", "wanda", "hgla"),
        sparsities=("0.30", "0.50", "2of4"),
        inputs=9,
    )
