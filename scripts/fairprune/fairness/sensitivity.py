"""How well an instrument sees whose words they are: its sensitivity to each group."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fairprune.fairness.attributed import Attributed, Known
from fairprune.fairness.inputs import Item
from fairprune.present import present

LEAST = 0.2  # below this an instrument sees too little for any verdict
LEAST_OF_GROUP = 0.1  # below this it is blind to the group
WELL_KNOWN = 20  # sentences of a group
DIGITS = 12


def sensitivity(
    items: Sequence[Item], rows: Sequence[Attributed], quoted_share: float
) -> dict[str, Any] | None:
    """`J` of an instrument, and what it is made of, from sentences whose group is known.

    `recall` of a group: the mean share that sentences of its opinions give to it; `false`: the mean
    share that sentences of other groups' opinions give to it, in inputs that hold it; `J` is the
    first less the second, 1 for an instrument that sees everything, 0 for one that sees nothing.
    The instrument's J is its smallest group's. A true difference d in a share shows as about J·d.

    An instrument that looks at the input itself finds an opinion's own words there, which a
    paraphrase keeps only in part: it is measured with the opinion in the input (`quoted`) and with
    it taken out (`left_out`), and both are mixed by `quoted_share`.

    Args:
        items, rows: the inputs and what the attribution said of each; those with one group are left
            out.
        quoted_share: the share of the summaries' content tokens that occur in their input.

    Returns:
        `J`, `quoted_share` (where it is used), and `groups`: group → `J`, `recall`, `false`,
        `sentences` (how many are known) [, `quoted`, `left_out`]; None without a known sentence of
        every group.
    """
    known = [(entry, item.groups) for item, row in zip(items, rows, strict=True)
             if len(item.groups) > 1 for entry in row.known]  # fmt: skip
    groups = sorted({group for _, of in known for group in of})
    numbers = {group: sum(entry.group == group for entry, _ in known) for group in groups}
    if not groups or not all(numbers.values()):
        return None
    quoted = {g: _seen(g, ((e, e.given) for e, of in known if g in of)) for g in groups}
    if any(entry.left_out is None for entry, _ in known):
        found = quoted
        mixed: dict[str, Any] = {}
    else:
        without = [(entry, present(entry.left_out), of) for entry, of in known]
        left = {g: _seen(g, ((e, out) for e, out, of in without if g in of)) for g in groups}
        found = {
            group: {
                name: quoted_share * quoted[group][name] + (1 - quoted_share) * left[group][name]
                for name in left[group]
            }
            for group in groups
        }
        mixed = {"quoted_share": round(quoted_share, DIGITS)}
    return {
        "J": min(figures["J"] for figures in found.values()),
        **mixed,
        "groups": {
            group: {
                **found[group],
                "sentences": numbers[group],
                **({"quoted": quoted[group], "left_out": left[group]} if mixed else {}),
            }
            for group in groups
        },
    }


def _seen(group: str, known: Iterable[tuple[Known, Mapping[str, float]]]) -> dict[str, float]:
    own: list[float] = []
    others: list[float] = []
    for entry, given in known:
        (own if entry.group == group else others).append(given.get(group, 0.0))
    recall, false = (float(np.mean(values)) if values else 0.0 for values in (own, others))
    figures = {"recall": recall, "false": false, "J": recall - false}
    return {name: round(value, DIGITS) for name, value in figures.items()}


def refusal(found: Mapping[str, Any] | None) -> str | None:
    """Why an instrument of this sensitivity gives no verdict, in words; None if it does."""
    if found is None or not found.get("groups"):
        return "how well the attribution sees the groups is not known"
    blind = min(found["groups"], key=lambda group: found["groups"][group]["J"])
    figures = found["groups"][blind]
    if found["J"] >= LEAST and figures["J"] >= LEAST_OF_GROUP:
        return None
    number = figures["sentences"]
    recognised = f"{figures['recall'] * number:.3g} of {number} sentences of {blind}"
    few = "" if number >= WELL_KNOWN else "; so few sentences do not tell it well"
    return (
        f"the attribution sees too little (J = {found['J']:.2f}): it recognises {recognised}, and "
        f"takes {figures['false']:.0%} of the others' for them{few}"
    )
