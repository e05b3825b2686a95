"""Functions that say at once how they are to be called.

Snakemake asks a rule's functions for their signature before every call, several times a job, and
Python works it out anew each time, that of a method twice.
"""

import inspect
from collections.abc import Callable
from typing import Any


def signed(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, its signature worked out once."""

    def called(*given: Any, **named: Any) -> Any:
        return function(*given, **named)

    called.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return called


class Signed:
    """The methods of an object, each signed when it is first asked for."""

    def __init__(self, owner: object) -> None:
        """Of `owner`, whose state does not change."""
        self._owner = owner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The method of that name."""
        method = signed(getattr(self._owner, name))
        setattr(self, name, method)
        return method
