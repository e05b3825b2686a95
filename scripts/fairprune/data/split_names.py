"""The names of a task's splits, and the other names that files give them."""

from fairprune.errors import unknown

SPLITS = ("train", "calibration", "test")
ALSO = {
    "training": "train",
    "val": "calibration",
    "valid": "calibration",
    "validation": "calibration",
    "dev": "calibration",
}


def split_name(value: str | None, where: str) -> str | None:
    """The split that a file's word means, in any case; None where it says nothing.

    Raises:
        FairpruneError: a word that is no split's.
    """
    if value is None:
        return None
    word = value.casefold()
    if word not in SPLITS and word not in ALSO:
        raise unknown("split", value, {*SPLITS, *ALSO}, f" in {where}")
    return ALSO.get(word, word)
