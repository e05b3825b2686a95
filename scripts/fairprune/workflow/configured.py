"""From what a configuration's file holds to a configuration that a run can follow."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairprune import config_file
from fairprune.config import Configuration
from fairprune.errors import FairpruneError
from fairprune.workflow.known import check_known, check_size
from fairprune.workflow.places import check_places
from fairprune.workflow.refusals import check_grids


def configured(raw: Mapping[str, Any], source: str) -> Configuration:
    """The configuration of a run, checked in all that can be seen before it.

    Args:
        raw: what the configuration's file holds.
        source: the file's name, which every error begins with.

    Raises:
        FairpruneError: see `config_file.parse`, `check_known` and `check_places`; of
            combinations of methods and sparsities that make no sense, all are named, a line each.
    """
    config = config_file.parse(raw, source)
    try:
        check_size(config)
        check_grids(config)
        check_known(config)
        check_places(config)
    except FairpruneError as error:
        lines = str(error).splitlines()
        raise FairpruneError("\n".join(f"{source}, {line}" for line in lines)) from None
    return config


def read_configured(path: Path) -> Configuration:
    """The same of a file.

    Raises:
        FairpruneError: the file cannot be read, or see `configured`.
    """
    return configured(config_file.load(path), str(path))
