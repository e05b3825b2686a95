"""What steps that run in one process share, and what waits until the last of them has ended."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class _Together:
    made: dict[Hashable, Any] = field(default_factory=dict)
    waiting: list[Callable[[], object]] = field(default_factory=list)


_open: list[_Together] = []


@contextmanager
def together() -> Iterator[None]:
    """While open, `shared` makes a thing once; what is for `afterwards` waits until all went well.

    On any error nothing is done of it.
    """
    _open.append(_Together())
    try:
        yield
        for call in _open[-1].waiting:
            call()
    finally:
        _open.pop()


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, or has given for this key; steps that share it must leave it as it is."""
    if not _open:
        return make()
    made = _open[-1].made
    if key not in made:
        made[key] = make()
    return made[key]


def afterwards(call: Callable[[], object]) -> None:
    """Call it when all steps that run together have ended well; at once where one runs alone."""
    if _open:
        _open[-1].waiting.append(call)
    else:
        call()
