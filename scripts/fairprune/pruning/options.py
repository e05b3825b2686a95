"""Typed options of methods, named `score.form`, `allocation.lambda`, `refinement.skip`, …"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fairprune.errors import FairpruneError, unknown

_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True}
_BOOLEANS |= {"false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True)
class Option:
    """One option: its default (whose type it keeps) and what values are allowed.

    Args:
        default: the value when none is given.
        help: what it decides, with its unit.
        choices: the allowed values, for words.
        low: the smallest allowed value, for numbers.
        high: the largest allowed value, for numbers.
    """

    default: bool | int | float | str
    help: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf

    def read(self, name: str, value: Any) -> bool | int | float | str:
        """The value as the option's type.

        Raises:
            FairpruneError: wrong type, not among the choices, or out of range.
        """
        kind = type(self.default)
        try:
            found = _converted(value, kind)
        except (ValueError, TypeError, KeyError):
            want = {bool: "true or false", int: "a whole number", float: "a number"}
            raise FairpruneError(
                f"option {name}={value}: {want.get(kind, 'a word')} is expected"
            ) from None
        if self.choices and found not in self.choices:
            raise unknown(f"value of option {name}", str(found), self.choices)
        if kind in (int, float) and not self.low <= found <= self.high:
            raise FairpruneError(
                f"option {name}={value}: expected from {self.low:g} to {self.high:g}"
            )
        return found


def _converted(value: Any, kind: type) -> Any:
    if kind is bool:
        return value if isinstance(value, bool) else _BOOLEANS[str(value).lower()]
    if isinstance(value, bool):
        raise TypeError
    if kind is int:
        if isinstance(value, float) and not value.is_integer():
            raise ValueError
        return int(value)
    found = kind(value)
    if kind is float and not math.isfinite(found):
        raise ValueError
    return found


def split_options(pairs: Iterable[str]) -> dict[str, str]:
    """`["score.form=sum", …]` as a mapping.

    Raises:
        FairpruneError: an entry without `=`, or an option given twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise FairpruneError(f"--option {pair}: KEY=VALUE is expected (score.form=sum)")
        if name in found:
            raise FairpruneError(f"--option {name} is given twice")
        found[name] = value
    return found


def read_options(given: Mapping[str, Any], known: Mapping[str, Option]) -> dict[str, Any]:
    """All known options with their values: given ones checked, the others' defaults.

    Raises:
        FairpruneError: an unknown option, or a value that is not allowed.
    """
    for name in given:
        if name not in known:
            if not known:
                raise FairpruneError(f"option {name}: this method has no options")
            raise unknown("option", name, known, " of this method")
    return {
        name: option.read(name, given[name]) if name in given else option.default
        for name, option in known.items()
    }
