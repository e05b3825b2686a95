"""What is there by construction, where its type alone does not say so."""

from typing import TypeVar

T = TypeVar("T")


def present(value: T | None) -> T:
    """The value, which cannot be None here.

    Raises:
        TypeError: it is None: a mistake of this program, and not of its user.
    """
    if value is None:
        raise TypeError("None where there must be a value")
    return value
