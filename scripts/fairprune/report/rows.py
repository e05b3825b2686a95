"""What the rows of every table have in common."""

from typing import Any

from fairprune.errors import FairpruneError
from fairprune.io.cards import verified
from fairprune.io.tables import read_json
from fairprune.io.variants import Variant
from fairprune.report.results import Target

Row = dict[str, Any]

VARIANT = ("model", "method", "calibration", "sparsity")


def named(variant: Variant) -> Row:
    """The columns that name a variant."""
    return dict(zip(VARIANT, str(variant).split("/"), strict=True))


def variant_name(row: Row) -> str:
    """The name of the variant that a row is about."""
    return "/".join(row[part] for part in VARIANT)


def place_of(row: Row) -> tuple[str, str]:
    """The model and the task that a row is about."""
    return row["model"], row["task"]


def field(target: Target, name: str) -> list[Row]:
    """A list of a result's JSON.

    Raises:
        FairpruneError: the file is no such result, or is not what its card says.
    """
    found = read_json(verified(target.path))
    if not isinstance(found, dict) or not isinstance(found.get(name), list):
        raise FairpruneError(f"{target.path} has no list `{name}`: make it again with its step")
    return found[name]
