"""Labels by rule: which values of a file stand for which group."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fairprune.data.cells import label_of
from fairprune.errors import FairpruneError, shortened

_RANGE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(?:-|\.\.|–)\s*(-?\d+(?:\.\d+)?)\s*")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
SHOWN = 10


@dataclass(frozen=True)
class LabelRule:
    """`values`: a value as text → its group; `ranges`: (from, to, group), both ends included."""

    values: Mapping[str, str]
    ranges: Sequence[tuple[Decimal, Decimal, str]]

    def group(self, value: str) -> str | None:
        """The group that a value stands for; None: the rule does not name it.

        Raises:
            FairpruneError: ranges of two groups hold it.
        """
        if value in self.values:
            return self.values[value]
        if not _NUMBER.fullmatch(value):
            return None
        number = Decimal(value)
        found = {group: None for low, high, group in self.ranges if low <= number <= high}
        if len(found) > 1:
            raise _twice(value, *list(found)[:2])
        return next(iter(found), None)


def parse_rule(rule: Mapping[str, Sequence[object]]) -> LabelRule:
    """A rule from `{complaint: [1, 2], praise: ["4-5"]}`: values, and ranges as texts.

    A text that is a range stands for itself, too (`18-25`).

    Raises:
        FairpruneError: a group without a name or values, or one value of two groups.
    """
    values: dict[str, str] = {}
    ranges: list[tuple[Decimal, Decimal, str]] = []
    for group, listed in rule.items():
        where = f"labels, {shortened(group)!r}"
        if not group.strip() or not listed:
            raise FairpruneError(f"{where}: a group with its values is expected, as in neg: [1, 2]")
        for value in listed:
            text = label_of(value, where)
            found = _RANGE.fullmatch(text) if isinstance(value, str) else None
            if values.setdefault(text, group) != group:
                raise _twice(text, values[text], group)
            if found is None:
                continue
            ranges.append((Decimal(found[1]), Decimal(found[2]), group))
    return LabelRule(values, ranges)


def parse_pairs(pairs: Sequence[str]) -> dict[str, list[str]]:
    """The rule in `NAME=VALUE` texts, as a command line gives it, a group as often as needed.

    Raises:
        FairpruneError: not of that form.
    """
    rule: dict[str, list[str]] = {}
    for pair in pairs:
        group, equals, value = pair.partition("=")
        if not (group.strip() and equals and value.strip()):
            raise FairpruneError(
                f"--labels {shortened(pair)!r}: NAME=VALUE is expected (praise=5, praise=4-5)"
            )
        rule.setdefault(group.strip(), []).append(value.strip())
    return rule


def apply_rule(rule: LabelRule, found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """{a value that occurs: its group}.

    Args:
        rule: the rule.
        found: (value, where it stands) of every label.

    Raises:
        FairpruneError: values that the rule does not name; all of them, and where the first is.
    """
    groups: dict[str, str] = {}
    unmapped: dict[str, str] = {}
    for value, where in found:
        if value not in groups and value not in unmapped:
            group = rule.group(value)
            if group is None:
                unmapped[value] = where
            else:
                groups[value] = group
    if unmapped:
        listed = ", ".join(repr(shortened(value, 40)) for value in sorted(unmapped)[:SHOWN])
        more = f" and {len(unmapped) - SHOWN} more" if len(unmapped) > SHOWN else ""
        raise FairpruneError(
            f"{next(iter(unmapped.values()))}: labels has no group for {listed}{more}: add each "
            "to one, or to a name of its own that stands under ignore, too"
        )
    return groups


def _twice(value: str, one: str, other: str) -> FairpruneError:
    return FairpruneError(f"labels: the value {value} stands for {one!r} and for {other!r}")
