"""What steps that run in one process share."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")

_open: list[dict[Hashable, Any]] = []


@contextmanager
def together() -> Iterator[None]:
    """While open, what steps ask `shared` for is made once."""
    _open.append({})
    try:
        yield
    finally:
        _open.pop()


def shared(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, or has given for this key; steps that share it must leave it as it is."""
    if not _open:
        return make()
    made = _open[-1]
    if key not in made:
        made[key] = make()
    return made[key]
